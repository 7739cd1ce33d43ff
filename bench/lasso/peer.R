suppressPackageStartupMessages(library(glmnet))

folder <- commandArgs(TRUE)[1] # the limit, the second argument, it never comes near
X <- y <- again <- NULL # of the last task
keep <- 1
numbers <- function(name) {
  path <- file.path(folder, name)
  readBin(path, "double", file.size(path) / 8, endian = "little")
}

load <- function(m, n) {
  X <<- matrix(numbers("A"), as.integer(m), as.integer(n))
  y <<- numbers("y")
  0
}

# Has run solve for weights, from the largest down, of which the last so many answers count.
pose <- function(weights, tol, last) {
  keep <<- last
  again <<- function() glmnet(X, y, lambda = weights / length(y), intercept = FALSE, standardize = FALSE, thresh = as.numeric(tol), maxit = 1e8)
  0
}

# Runs once, leaves the answers in the folder and returns the seconds.
solution <- function() {
  seconds <- system.time(x <- again())
  writeBin(tail(as.numeric(x$beta), keep * ncol(X)), file.path(folder, "x"), endian = "little")
  sum(seconds[1:2])
}

serve(sprintf('{"Version": "glmnet %s"}', packageVersion("glmnet")), list(
  load = load,
  fit = function(weight, tol) pose(as.numeric(weight), tol, 1),
  # The manual's advice: by way of larger weights, which starts each fit well.
  descent = function(weight, tol) pose(exp(seq(log(max(numbers("weights"))), log(as.numeric(weight)), length.out = 5)), tol, 1),
  path = function(tol) pose(numbers("weights"), tol, length(numbers("weights"))),
  solution = solution,
  run = function(count) timed(again)(count)))
