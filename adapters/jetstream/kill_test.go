package jetstream_test

const childEnv = "HOOKFOLD_TEST_APPEND_UNTIL_KILLED"

func appendUntilKilled(dir string) {}
