// Package transfer carries what related data sets know over to a target: a two-stage Lasso with one knob for values and one for the
// support, its corners, the asymptotics that predict its error, and the choice of its knobs.
//
// # The estimator
//
// The data sets are k = 1 … K, the target first. With f_k(β) = ½‖y_k − X_kβ‖²,
//
//	stage 1   β₁ = argmin_β Σ_k f_k(β) + λ₁‖β‖₁                                  every data set
//	stage 2   β₂ = argmin_β ½‖y₁ − κX₁β₁ − X₁β‖² + Σ_j (λ₂ + Δλ·[β₁_j = 0])·|β_j|   the target alone
//	answer    w = κβ₁ + β₂
//
// κ ∈ [0, 1] carries values, Δλ ≥ 0 carries the support (Okajima and Obuchi, "Transfer learning in ℓ1 regularized regression:
// hyperparameter selection strategy based on sharp asymptotic analysis", 2024). The corners have names: [TargetOnly], [Pooled],
// [TransLasso], [Pretraining], [ValuesOnly], [SupportOnly].
//
// # Conventions of λ
//
// There is no 1/m anywhere. glmnet minimises ½‖y−offset−Xβ‖²/m + λ_g Σ_j p_j|β_j| and rescales its penalty factors p to the mean 1, so that
// stage 2 is its call with offset = κX₁β₁, penalty.factor = λ₂ + Δλ·[β₁_j = 0], lambda = mean(penalty.factor)/m₁, intercept and
// standardize FALSE. [Pretraining] with its s is ptLasso's offset (1−s)X₁β₁ and penalty factors 1 and 1/s.
//
// # The asymptotics
//
// Entries of X_k are N(0, 1/N), N grows and m_k/N = α_k is fixed: an [Ensemble]. Then errors and rates are those of a scalar problem whose
// few parameters solve the equations of state, [Ensemble.Predict]. In their notation the target's data serve both stages, which shows in
// γ and ĉ₁₂; with [Ensemble.Fresh] stage 2 has rows of its own and both vanish.
//
// # Choosing by data
//
// [CrossValidation] solves its many fits on Gram matrices (quadratic.go) and certifies the one it returns. [CrossValidation.Auto] takes the
// fewest nonzeros that held-out rows cannot tell from the best: with a few hundred rows the lowest cross-validated error alone is a coin
// toss among answers whose errors differ by a multiple. [CrossValidation.Alarm] says whether transfer is better than none.
package transfer
