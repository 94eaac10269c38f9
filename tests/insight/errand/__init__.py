"""跑腿: a kind of work that exists in the tests alone, to see that the house takes in another one."""
