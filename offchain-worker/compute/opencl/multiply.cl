// Entries of C = A·Bᵀ for int8 operands, packed four values to a word along the inner dimension. Only sums of products of
// values at the same place are taken, so that the order of bytes in a word does not matter.
//
// A group of 16 x 16 work items computes 64 x 64 entries, each item 4 x 4 of them that lie 16 apart: then neighbours read
// neighbouring words of local memory and write neighbouring entries.

#define TILE 64
#define SIDE 16
#define EACH (TILE / SIDE)
// STEP is how many words of the inner dimension are in local memory at a time.
#define STEP 16

#if defined(DOT_PACKED)
#pragma OPENCL EXTENSION cl_khr_integer_dot_product : enable
inline int dot4(uint a, uint b, int sum) { return sum + dot_4x8packed_ss_int(a, b); }
#elif defined(DOT_PTX)
inline int dot4(uint a, uint b, int sum) {
    int out;
    asm("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(out) : "r"(a), "r"(b), "r"(sum));
    return out;
}
#else
inline int dot4(uint a, uint b, int sum) {
    char4 x = as_char4(a), y = as_char4(b);
    return sum + (int)x.s0 * (int)y.s0 + (int)x.s1 * (int)y.s1 + (int)x.s2 * (int)y.s2 + (int)x.s3 * (int)y.s3;
}
#endif

// block is where the entries lie: first row and column in the panels, and how many.
typedef struct {
    int row, col, rows, cols;
} block_t;

// fetch copies one tile of a panel, turned so that a word's rows are next to each other. Rows past the last one repeat it:
// their entries are never written.
inline void fetch(__local uint tile[STEP][TILE + 1], __global const uint *panel, int stride, int first, int last, int from, int to) {
    int item = get_local_id(1) * SIDE + get_local_id(0);
    int word = item % STEP;
    for (int i = item / STEP; i < TILE; i += SIDE * SIDE / STEP) {
        int row = min(first + i, last);
        tile[word][i] = from + word < to ? panel[row * stride + from + word] : 0u;
    }
}

// multiply adds the products over words from to (but not including) to of panels with stride words a row. From word 0 on it
// starts a block's entries anew.
__kernel __attribute__((reqd_work_group_size(SIDE, SIDE, 1))) void
multiply(__global const uint *a, __global const uint *b, __global int *c, int stride, block_t block, int from, int to) {
    __local uint left[STEP][TILE + 1];
    __local uint right[STEP][TILE + 1];
    int x = get_local_id(0), y = get_local_id(1);
    int row = get_group_id(1) * TILE, col = get_group_id(0) * TILE;
    int sum[EACH][EACH];
    for (int i = 0; i < EACH; i++)
        for (int j = 0; j < EACH; j++)
            sum[i][j] = 0;
    for (int at = from; at < to; at += STEP) {
        fetch(left, a, stride, block.row + row, block.row + block.rows - 1, at, to);
        fetch(right, b, stride, block.col + col, block.col + block.cols - 1, at, to);
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int k = 0; k < STEP; k++)
            for (int i = 0; i < EACH; i++)
                for (int j = 0; j < EACH; j++)
                    sum[i][j] = dot4(left[k][y + i * SIDE], right[k][x + j * SIDE], sum[i][j]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    for (int i = 0; i < EACH; i++) {
        for (int j = 0; j < EACH; j++) {
            int m = row + y + i * SIDE, n = col + x + j * SIDE;
            if (m < block.rows && n < block.cols) {
                int entry = m * block.cols + n;
                c[entry] = from > 0 ? c[entry] + sum[i][j] : sum[i][j];
            }
        }
    }
}
