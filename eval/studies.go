package eval

// A Study answers one question from contestants that exist, with one figure.
type Study struct {
	Name, Question, Figure string
}

var decayStudy = Study{
	Name:     "decay",
	Question: "How fast does the error ‖x̂_k−x*‖² fall with the layers of a transformer, beside the iterations of ISTA and FISTA?",
	Figure:   "decay",
}

// Studies lists the studies, in the order in which a reader should meet them.
func Studies() []Study {
	return []Study{decayStudy, claimsStudy, insightStudy, ledgerStudy, trustStudy, predictionStudy, listaStudy, matrixShiftStudy,
		transferStudy, saddlesStudy, derivativeStudy, retuneStudy}
}
