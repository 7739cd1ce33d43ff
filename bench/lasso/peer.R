suppressPackageStartupMessages(library(glmnet))

folder <- commandArgs(TRUE)[1]
X <- y <- again <- NULL # of the last task
numbers <- function(name) {
  path <- file.path(folder, name)
  readBin(path, "double", file.size(path) / 8, endian = "little")
}

load <- function(m, n) {
  X <<- matrix(numbers("A"), as.integer(m), as.integer(n))
  y <<- numbers("y")
  0
}

# Solves for weights, from the largest down, leaves the last so many answers in the folder, and has run do the same.
solve <- function(weights, tol, keep) {
  again <<- function() glmnet(X, y, lambda = weights / length(y), intercept = FALSE, standardize = FALSE, thresh = as.numeric(tol), maxit = 1e8)
  answer <- again()
  beta <- as.numeric(answer$beta)
  writeBin(tail(beta, keep * ncol(X)), file.path(folder, "x"), endian = "little")
  answer$npasses
}

serve(sprintf('{"Version": "glmnet %s"}', packageVersion("glmnet")), list(
  load = load,
  fit = function(weight, tol) solve(as.numeric(weight), tol, 1),
  # The manual's advice: by way of larger weights, which starts each fit well.
  descent = function(weight, tol) solve(exp(seq(log(max(numbers("weights"))), log(as.numeric(weight)), length.out = 5)), tol, 1),
  path = function(tol) solve(numbers("weights"), tol, length(numbers("weights"))),
  run = function(count) timed(again)(count)))
