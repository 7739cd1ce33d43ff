package transfer

// TwoStage holds the four knobs of the estimator. Weights are those of ½‖·‖² + λ‖·‖₁, without 1/m.
type TwoStage struct {
	Lambda1     float64 // λ₁ ≥ 0 of stage 1, on all data sets
	Lambda2     float64 // λ₂ ≥ 0 of stage 2, on the target
	Kappa       float64 // κ from 0, no values, to 1, all of β₁
	DeltaLambda float64 // Δλ ≥ 0, the extra weight where β₁ is 0
}

// TargetOnly is the plain Lasso on the target: κ = 0, Δλ = 0. λ₁ takes no part in w.
func TargetOnly(lambda float64) TwoStage { return TwoStage{Lambda1: lambda, Lambda2: lambda} }

// Pooled is the Lasso on all data sets as one: κ = 1 and a λ₂ so large that stage 2 changes nothing.
func Pooled(lambda float64) TwoStage { return TwoStage{Lambda1: lambda, Lambda2: 1e100, Kappa: 1} }

// TransLasso corrects the pooled estimate on the target: κ = 1, Δλ = 0 (S. Li, T. T. Cai, H. Li, "Transfer learning for high-dimensional
// linear regression", J. R. Stat. Soc. B 2022).
func TransLasso(lambda1, lambda2 float64) TwoStage {
	return TwoStage{Lambda1: lambda1, Lambda2: lambda2, Kappa: 1}
}

// Pretraining is the pretrained Lasso with s ∈ (0, 1]: κ = 1−s and Δλ = λ₂(1−s)/s. At s = 1 it is the target's Lasso; as s falls to 0 the
// support is that of stage 1 (E. Craig et al., "Pretraining and the lasso", 2024). It panics on another s.
func Pretraining(lambda1, lambda2, s float64) TwoStage {
	if !(s > 0 && s <= 1) {
		panic("transfer: Pretraining with an s outside (0, 1]")
	}
	return TwoStage{Lambda1: lambda1, Lambda2: lambda2, Kappa: 1 - s, DeltaLambda: lambda2 * (1 - s) / s}
}

// ValuesOnly has Δλ = 0.
func ValuesOnly(lambda1, lambda2, kappa float64) TwoStage {
	return TwoStage{Lambda1: lambda1, Lambda2: lambda2, Kappa: kappa}
}

// SupportOnly has κ = 0.
func SupportOnly(lambda1, lambda2, deltaLambda float64) TwoStage {
	return TwoStage{Lambda1: lambda1, Lambda2: lambda2, DeltaLambda: deltaLambda}
}

// Check returns nil, or an *[InputError] that names the knob.
func (s TwoStage) Check() error {
	for _, c := range []struct {
		field string
		value float64
	}{{"Lambda1", s.Lambda1}, {"Lambda2", s.Lambda2}, {"DeltaLambda", s.DeltaLambda}} {
		if !(c.value >= 0 && finite(c.value)) {
			return &InputError{"two-stage", c.field, c.value, "a finite number ≥ 0"}
		}
	}
	if !fraction(s.Kappa) {
		return &InputError{"two-stage", "Kappa", s.Kappa, "a number from 0 to 1"}
	}
	return nil
}
