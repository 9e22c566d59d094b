package postgres_test

const childURLEnv = "HOOKFOLD_TEST_PG_FOLD_URL"

func foldUntilKilled(string) {}
