//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// A block is four rows by one to four vectors of sums, V0 to V15, row by row. Rows beyond
// its last repeat that one and are not stored.
//
//	R0, R2    the block's rows of A and of C     R1        the first row of B
//	R3        the tile                           R4 … R7   ai, ap, bp, ci
//	R8, R9    terms, vectors                     R10, R14  blocks left, rows
//	R11 … R13, R15  the rows of A                R16, R17  the row of B, terms left
//	R19, R20  a row of what sums are added to, its distance to the next
//	V16 … V19 a row of B                         V20 … V23 a column of A, each four times
//	V24 … V27 a row of results                   V31       α

DATA ·zeros<>+0(SB)/8, $0
DATA ·zeros<>+8(SB)/8, $0
DATA ·zeros<>+16(SB)/8, $0
DATA ·zeros<>+24(SB)/8, $0
DATA ·zeros<>+32(SB)/8, $0
DATA ·zeros<>+40(SB)/8, $0
DATA ·zeros<>+48(SB)/8, $0
DATA ·zeros<>+56(SB)/8, $0
GLOBL ·zeros<>(SB), RODATA|NOPTR, $64

// The first vectors of a row of four.
#define ONE(T, a, b, c, d) [a.T]
#define TWO(T, a, b, c, d) [a.T, b.T]
#define THREE(T, a, b, c, d) [a.T, b.T, c.T]
#define FOUR(T, a, b, c, d) [a.T, b.T, c.T, d.T]

// to = from + step where the block has more than n rows, else from.
#define ROW(n, from, step, to) \
	CMP  $n, R14          \
	CSEL GT, step, ZR, to \
	ADD  from, to

// R19 and R20 lead through C if the field of the tile is set, else through zeros.
#define ADDENDS(field) \
	MOVD field(R3), R20       \
	MOVD $·zeros<>(SB), R19   \
	CMP  $0, R20              \
	CSEL NE, R2, R19, R19     \
	CSEL NE, R7, ZR, R20

// s = fma(A, B, s) for the four rows of one vector of columns.
#define COLUMN(T, b, s0, s1, s2, s3) \
	VFMLA b.T, V20.T, s0.T \
	VFMLA b.T, V21.T, s1.T \
	VFMLA b.T, V22.T, s2.T \
	VFMLA b.T, V23.T, s3.T

#define COLUMNS1(T) \
	COLUMN(T, V16, V0, V4, V8, V12)
#define COLUMNS2(T) \
	COLUMNS1(T)                     \
	COLUMN(T, V17, V1, V5, V9, V13)
#define COLUMNS3(T) \
	COLUMNS2(T)                      \
	COLUMN(T, V18, V2, V6, V10, V14)
#define COLUMNS4(T) \
	COLUMNS3(T)                      \
	COLUMN(T, V19, V3, V7, V11, V15)

// C = fma(α, s, acc ? C : 0) for the row n of the block; done if it is the last.
#define STORE(T, VECTORS, n, s0, s1, s2, s3) \
	VLD1  (R19), VECTORS(T, V24, V25, V26, V27) \
	VFMLA V31.T, s0.T, V24.T                    \
	VFMLA V31.T, s1.T, V25.T                    \
	VFMLA V31.T, s2.T, V26.T                    \
	VFMLA V31.T, s3.T, V27.T                    \
	VST1  VECTORS(T, V24, V25, V26, V27), (R2)  \
	ADD   R7, R2                                \
	ADD   R20, R19                              \
	CMP   $n, R14                               \
	BEQ   done

// A block whose rows are VECTORS.
#define BLOCK(T, VECTORS, COLUMNS, term) \
	ADDENDS(tile_start)                         \
	VLD1 (R19), VECTORS(T, V0, V1, V2, V3)      \
	ROW(1, R19, R20, R17)                       \
	VLD1 (R17), VECTORS(T, V4, V5, V6, V7)      \
	ROW(2, R17, R20, R19)                       \
	VLD1 (R19), VECTORS(T, V8, V9, V10, V11)    \
	ROW(3, R19, R20, R17)                       \
	VLD1 (R17), VECTORS(T, V12, V13, V14, V15)  \
	MOVD R8, R17                                \
term: \
	VLD1.P  (R16)(R6), VECTORS(T, V16, V17, V18, V19) \
	VLD1R.P (R11)(R5), [V20.T]                  \
	VLD1R.P (R12)(R5), [V21.T]                  \
	VLD1R.P (R13)(R5), [V22.T]                  \
	VLD1R.P (R15)(R5), [V23.T]                  \
	COLUMNS(T)                                  \
	SUBS    $1, R17                             \
	BNE     term                                \
	ADDENDS(tile_acc)                           \
	STORE(T, VECTORS, 1, V0, V1, V2, V3)        \
	STORE(T, VECTORS, 2, V4, V5, V6, V7)        \
	STORE(T, VECTORS, 3, V8, V9, V10, V11)      \
	STORE(T, VECTORS, 4, V12, V13, V14, V15)

#define TILE(T) \
	MOVD  a+0(FP), R0         \
	MOVD  b+8(FP), R1         \
	MOVD  c+16(FP), R2        \
	MOVD  t+24(FP), R3        \
	MOVD  tile_ai(R3), R4     \
	MOVD  tile_ap(R3), R5     \
	MOVD  tile_bp(R3), R6     \
	MOVD  tile_ci(R3), R7     \
	MOVD  tile_k(R3), R8      \
	MOVD  tile_shape(R3), R9  \
	MOVD  tile_blocks(R3), R10 \
	ADD   $tile_alpha, R3, R14 \
	VLD1R (R14), [V31.T]      \
	AND   $255, R9, R14       \
	LSR   $8, R9              \
block: \
	MOVD R0, R11              \
	ROW(1, R11, R4, R12)      \
	ROW(2, R12, R4, R13)      \
	ROW(3, R13, R4, R15)      \
	MADD R4, R0, R14, R0      \
	MOVD R1, R16              \
	CMP  $2, R9               \
	BLT  one                  \
	BEQ  two                  \
	CMP  $3, R9               \
	BEQ  three                \
	BLOCK(T, FOUR, COLUMNS4, term4) \
three: \
	BLOCK(T, THREE, COLUMNS3, term3) \
two: \
	BLOCK(T, TWO, COLUMNS2, term2) \
one: \
	BLOCK(T, ONE, COLUMNS1, term1) \
done: \
	SUBS $1, R10              \
	BNE  block                \
	RET

// func tile32NEON(a, b, c unsafe.Pointer, t *tile)
TEXT ·tile32NEON(SB), NOSPLIT, $0-32
	TILE(S4)

// func tile64NEON(a, b, c unsafe.Pointer, t *tile)
TEXT ·tile64NEON(SB), NOSPLIT, $0-32
	TILE(D2)
