package train

import (
	"bytes"
	"encoding/json"
	"fmt"

	"unroll/checkpoints"
)

// load loads the checkpoint of a step.
func (d *Folder) load(step int) (*checkpoints.File, error) { return d.store.Load(step) }

// save writes the checkpoint of where the run stands, and the record so far.
func (d *Folder) save(s State, f *checkpoints.File) error {
	if err := d.store.Save(f, s.Step, s.BestAt, s.recorded()); err != nil {
		return err
	}
	return d.saveRecord(s)
}

func (d *Folder) saveRecord(s State) error {
	record, err := s.metrics()
	if err != nil {
		return err
	}
	return d.store.Replace(metricsName, record)
}

func (d *Folder) saveBest(f *checkpoints.File) error { return d.store.SaveAs(bestName, f) }

// finish gives the best weights the record of the whole run, and exports them. It may be done again: the same files come out. The record is
// saved once more, as a run that was cut between its last checkpoint and the record comes here without another step.
func (d *Folder) finish(s State) error {
	if err := d.saveRecord(s); err != nil {
		return err
	}
	f, err := d.best(s)
	if err != nil {
		return err
	}
	if f.State, err = json.Marshal(s); err != nil {
		return err
	}
	if err := d.saveBest(f); err != nil {
		return err
	}
	for _, export := range []struct {
		name   string
		encode func([]checkpoints.Param) ([]byte, error)
	}{{npzName, checkpoints.EncodeNPZ}, {safetensorsName, checkpoints.EncodeSafetensors}} {
		data, err := export.encode(f.Params)
		if err == nil {
			err = d.store.Replace(export.name, data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// best opens the best weights. Where the file does not verify they stand in the checkpoint of their step as well; and where it is of another
// step, as after a cut right behind it if another arithmetic went on from there.
func (d *Folder) best(s State) (*checkpoints.File, error) {
	f, err := checkpoints.Open(d.Best())
	if err == nil {
		err = sameRecipe(d.Best(), f.Config, d.config)
	}
	var its State
	if err == nil {
		err = json.Unmarshal(f.State, &its)
	}
	if err == nil && its.BestAt != s.BestAt {
		err = fmt.Errorf("%s holds the weights of step %d, and the best are those of step %d", d.Best(), its.BestAt, s.BestAt)
	}
	if err == nil {
		return f, nil
	}
	f, other := d.load(s.BestAt)
	if other != nil {
		return nil, err
	}
	f.Params = weightsOf(f)
	return f, nil
}

// metrics returns the lines of the record in the order in which they happened.
func (s *State) metrics() ([]byte, error) {
	var b bytes.Buffer
	lines, events := json.NewEncoder(&b), s.Events
	eventsUntil := func(batches int) (err error) {
		for err == nil && len(events) > 0 && events[0].Batches <= batches {
			err, events = lines.Encode(events[0]), events[1:]
		}
		return err
	}
	for _, h := range s.History {
		if err := eventsUntil(h.Batches); err != nil {
			return nil, err
		}
		if err := lines.Encode(h); err != nil {
			return nil, err
		}
	}
	err := eventsUntil(s.Batches)
	return b.Bytes(), err
}
