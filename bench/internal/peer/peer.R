# The reason is the last thing that a failure says, in one line.
options(error = quote({
  message(trimws(gsub("\\s+", " ", geterrmessage())))
  quit("no", 1)
}))

# The seconds that the process's CPU has worked on one thread, or those of the clock on the wall on more.
clock <- if (Sys.getenv("OMP_NUM_THREADS") == "1") function() sum(proc.time()[1:2]) else function() proc.time()[[3]]

# A task: the seconds of count calls.
timed <- function(call) function(count) {
  start <- clock()
  for (i in seq_len(as.integer(count))) call()
  clock() - start
}

answer <- function(json) { cat(json, "\n", sep = ""); flush(stdout()) }

# Greets with an object, given as JSON, and then does the task that each line names, which returns one number.
serve <- function(hello, tasks) {
  answer(hello)
  input <- file("stdin", "r")
  while (length(line <- readLines(input, 1)) > 0) {
    words <- strsplit(line, " ")[[1]]
    answer(format(do.call(tasks[[words[1]]], as.list(words[-1])), digits = 17))
  }
}
