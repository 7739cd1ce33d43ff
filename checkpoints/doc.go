// Package checkpoints keeps named arrays, with the configuration they belong to, in a file that is
// whole or refused.
//
// A file is gob(Envelope) followed by a footer of 64 bytes, little-endian:
//
//	 0  16  magic "unroll-model\r\n\x1a\n"
//	16   4  version
//	20   4  CRC32-C of the other 60 bytes of the footer
//	24   8  length of the gob
//	32  32  SHA-256 of the gob
//
// The footer stands last, so that a decoder of gob alone reads the file from its start: a struct with
// the fields of Envelope is all that a program without this package needs.
//
// Open trusts nothing before it is checked: the size, then the footer by its own checksum, then the
// version, then the digest, and only then does gob see a byte. gob alone would not do: it takes most
// single-bit errors in a float for another float, ignores what follows a value, and leaves a renamed
// field at zero. The digest guards against damage, not against forgery.
//
// A [Store] keeps the checkpoints of one run through kills, full disks and losses of power; [Newest] reads beside it. Weights go to
// other programs, and come from them, as .npz and .safetensors files.
//
// # Versions
//
//   - 1: names sorted and unique; dtypes "float32" and "float64"; Config, State and Provenance in
//     canonical JSON or empty.
package checkpoints
