// Package postgres keeps read models in PostgreSQL.
package postgres
