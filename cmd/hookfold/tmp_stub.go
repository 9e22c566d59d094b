package main

type serveCmd struct{}
type getCmd struct{}
type whyCmd struct{}
