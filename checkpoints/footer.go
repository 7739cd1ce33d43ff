package checkpoints

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
)

const footerSize = 64

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// newFooter returns the footer of a payload; the package comment has its layout.
func newFooter(payload []byte) (b [footerSize]byte) {
	digest := sha256.Sum256(payload)
	copy(b[:16], magic)
	binary.LittleEndian.PutUint32(b[16:], version)
	binary.LittleEndian.PutUint64(b[24:], uint64(len(payload)))
	copy(b[32:], digest[:])
	binary.LittleEndian.PutUint32(b[20:], footerSum(b[:]))
	return b
}

// footerSum is the CRC32-C of a footer without the field that holds it. It tells a damaged version
// from a newer one.
func footerSum(footer []byte) uint32 {
	return crc32.Update(crc32.Checksum(footer[:20], castagnoli), castagnoli, footer[24:])
}

// verify returns the payload of an undamaged checkpoint of this version.
func verify(path string, data []byte) ([]byte, error) {
	n := len(data) - footerSize
	if n < 0 || !bytes.HasPrefix(data[n:], []byte(magic)) {
		return nil, &FormatError{path, "no footer at its end: truncated, or not a checkpoint"}
	}
	payload, footer := data[:n], data[n:]
	if binary.LittleEndian.Uint32(footer[20:]) != footerSum(footer) {
		return nil, &FormatError{path, "corrupt: its footer does not match its checksum"}
	}
	if v := binary.LittleEndian.Uint32(footer[16:]); v != version {
		return nil, &VersionError{path, v}
	}
	if binary.LittleEndian.Uint64(footer[24:]) != uint64(n) || sha256.Sum256(payload) != [32]byte(footer[32:]) {
		return nil, &FormatError{path, "corrupt: its contents do not match its digest"}
	}
	return payload, nil
}
