package checkpoints

import (
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"
)

// A disk is an FS in memory that knows what a loss of power would leave of it. Every change waits until a fsync of its file or its
// folder makes it durable; at a crash any subset of what waits has reached the disk, each file's contents in three parts. It takes
// harder liberties than any real file system: the name of a file may be durable long before its contents, in any order.
type disk struct {
	view    image // what the program sees
	durable image
	waiting []change
	before  func() // called before every operation
	fault   func(operation string) error
	short   bool // the next write takes half of its bytes, without an error
}

// An image is a tree of names and contents.
type image struct {
	names    map[string]*node // by path
	contents map[*node]string
}

type node struct{ folder bool }

// A change is to the names in a folder, or to a node's contents.
type change struct {
	folder string
	node   *node
	apply  func(image)
}

func newDisk() *disk {
	root := &node{folder: true}
	i := image{map[string]*node{".": root}, map[*node]string{}}
	return &disk{view: i, durable: i.clone(), before: func() {}, fault: func(string) error { return nil }}
}

func (i image) clone() image { return image{maps.Clone(i.names), maps.Clone(i.contents)} }

// restarted is the machine after the loss of power that left i.
func (i image) restarted() *disk {
	d := newDisk()
	d.view, d.durable = i.clone(), i.clone()
	return d
}

// crashes yields what a loss of power now may leave: one image for each subset of what waits.
func (d *disk) crashes(yield func(image) bool) {
	if len(d.waiting) > 12 {
		panic("disk: too many changes wait for a fsync")
	}
	for subset := range 1 << len(d.waiting) {
		left := d.durable.clone()
		for bit, c := range d.waiting {
			if subset>>bit&1 == 1 {
				c.apply(left)
			}
		}
		if !yield(left) {
			return
		}
	}
}

// change makes c in the program's view, and leaves it waiting.
func (d *disk) change(c change) {
	c.apply(d.view)
	d.waiting = append(d.waiting, c)
}

// sync makes the changes durable that are of the folder or the node, or loses them.
func (d *disk) sync(folder string, n *node, lose bool) {
	d.waiting = slices.DeleteFunc(d.waiting, func(c change) bool {
		of := c.node == n && c.folder == folder
		if of && !lose {
			c.apply(d.durable)
		}
		return of
	})
}

func (d *disk) begin(operation string) error {
	d.before()
	return d.fault(operation)
}

func failed(operation, path string, err error) error {
	return &fs.PathError{Op: operation, Path: path, Err: err}
}

func (d *disk) Open(name string) (fs.File, error) {
	if err := d.fault("open"); err != nil {
		return nil, failed("open", name, err)
	}
	n := d.view.names[name]
	if n == nil {
		return nil, failed("open", name, fs.ErrNotExist)
	}
	return fstest.MapFS{path.Base(name): {Data: []byte(d.view.contents[n])}}.Open(path.Base(name))
}

func (d *disk) List(folder string) (names []string, err error) {
	if err := d.begin("list"); err != nil {
		return nil, failed("list", folder, err)
	}
	if n := d.view.names[folder]; n == nil || !n.folder {
		return nil, failed("list", folder, fs.ErrNotExist)
	}
	for name := range d.view.names {
		if path.Dir(name) == folder && name != "." {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

// link adds a new node under a name.
func (d *disk) link(operation, name string, n *node) error {
	switch parent := d.view.names[path.Dir(name)]; {
	case parent == nil:
		return failed(operation, name, fs.ErrNotExist)
	case d.view.names[name] != nil:
		return failed(operation, name, fs.ErrExist)
	}
	d.change(change{folder: path.Dir(name), apply: func(i image) { i.names[name] = n }})
	return nil
}

func (d *disk) Mkdir(name string) error {
	if err := d.begin("mkdir"); err != nil {
		return failed("mkdir", name, err)
	}
	return d.link("mkdir", name, &node{folder: true})
}

func (d *disk) Create(name string) (Writer, error) {
	if err := d.begin("create"); err != nil {
		return nil, failed("create", name, err)
	}
	n := &node{}
	return &diskFile{d, n, name}, d.link("create", name, n)
}

func (d *disk) Rename(from, to string) error {
	if err := d.begin("rename"); err != nil {
		return failed("rename", from, err)
	}
	n := d.view.names[from]
	if n == nil {
		return failed("rename", from, fs.ErrNotExist)
	}
	d.change(change{folder: path.Dir(to), apply: func(i image) {
		delete(i.names, from)
		i.names[to] = n
	}})
	return nil
}

func (d *disk) Remove(name string) error {
	if err := d.begin("remove"); err != nil {
		return failed("remove", name, err)
	}
	if d.view.names[name] == nil {
		return failed("remove", name, fs.ErrNotExist)
	}
	d.change(change{folder: path.Dir(name), apply: func(i image) { delete(i.names, name) }})
	return nil
}

func (d *disk) SyncFolder(name string) error {
	if err := d.begin("fsync folder"); err != nil {
		return failed("fsync", name, err) // names wait on in the journal
	}
	d.sync(name, nil, false)
	return nil
}

func (d *disk) Lock(name string) (io.Closer, error) {
	if err := d.begin("lock"); err != nil {
		return nil, failed("lock", name, err)
	}
	return io.NopCloser(nil), nil
}

type diskFile struct {
	*disk
	node *node
	name string
}

func (f *diskFile) Write(b []byte) (int, error) {
	if err := f.begin("write"); err != nil {
		return 0, failed("write", f.name, err)
	}
	if f.short {
		f.short, b = false, b[:len(b)/2]
	}
	for part := range 3 {
		from, to := len(b)*part/3, len(b)*(part+1)/3
		f.change(change{node: f.node, apply: func(i image) {
			c := i.contents[f.node]
			c += strings.Repeat("\x00", max(0, to-len(c)))
			i.contents[f.node] = c[:from] + string(b[from:to]) + c[to:]
		}})
	}
	return len(b), nil
}

// Sync that fails loses what it should have written, and the next one succeeds all the same.
func (f *diskFile) Sync() error {
	err := f.begin("fsync")
	f.sync("", f.node, err != nil)
	if err != nil {
		return failed("fsync", f.name, err)
	}
	return nil
}

func (f *diskFile) Close() error {
	if err := f.begin("close"); err != nil {
		return failed("close", f.name, err)
	}
	return nil
}
