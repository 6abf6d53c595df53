// Exact int8 matrix products C = A·Bᵀ for NVIDIA GPUs. Both kernels compute one tile of 128 by 128 entries a block of 256
// threads, from operands whose rows the host pads with zeros to 64 bytes and whose numbers of rows it pads to 128, so that
// no bounds are checked here. Needs no CUDA toolkit: "go generate" calls clang and keeps the PTX in the repository.
//
// Every number is exact: a product is at most 2^14, a sum of 2^16 of them at most 2^30.

typedef unsigned int u32;
typedef unsigned long long u64;

#define KERNEL extern "C" __attribute__((global)) __attribute__((launch_bounds(256)))
#define DEVICE static __attribute__((device)) __attribute__((always_inline)) inline
#define SHARED __attribute__((shared, aligned(128)))

// A tile's side in entries, and the part of the depth that is in shared memory at a time, in bytes.
constexpr u32 TILE = 128;
constexpr u32 SLICE = 64;

DEVICE void barrier() { __syncthreads(); }

struct alignas(16) vec4 { int x, y, z, w; };
struct alignas(8) vec2 { int x, y; };

// The tile of this block: blocks with near numbers share eight rows of tiles, whose operands then stay in the cache.
DEVICE void find_tile(u32 tiles_m, u32 tiles_n, u32 &m, u32 &n) {
  const u32 height = 8, block = __nvvm_read_ptx_sreg_ctaid_x();
  const u32 first = block / (height * tiles_n) * height, within = block % (height * tiles_n);
  const u32 rows = tiles_m - first < height ? tiles_m - first : height;
  m = first + within % rows;
  n = within / rows;
}

DEVICE void dp4a(int &sum, int a, int b) { asm("dp4a.s32.s32 %0, %1, %2, %0;" : "+r"(sum) : "r"(a), "r"(b)); }

// Words of four values, stored by depth, then row. A row of words is four longer than the tile against bank conflicts.
constexpr u32 WORDS = SLICE / 4;
constexpr u32 PITCH = TILE + 4;

// Loads two of the four 16-byte parts of a thread's rows of a slice.
DEVICE void load_slice(vec4 (&parts)[2], const char *rows, u64 depth, u32 thread) {
  for (u32 i = 0; i < 2; i++) {
    const u32 part = thread + 256 * i;
    parts[i] = *(const vec4 *)(rows + (part >> 2) * depth + (part & 3) * 16);
  }
}

DEVICE void store_slice(int (&words)[WORDS][PITCH], const vec4 (&parts)[2], u32 thread) {
  for (u32 i = 0; i < 2; i++) {
    const u32 part = thread + 256 * i, row = part >> 2, word = (part & 3) * 4;
    words[word][row] = parts[i].x;
    words[word + 1][row] = parts[i].y;
    words[word + 2][row] = parts[i].z;
    words[word + 3][row] = parts[i].w;
  }
}

// product_dp4a serves compute capability 6.1 and newer. A thread computes four pieces of 4 by 4 entries, 64 apart.
KERNEL void product_dp4a(const char *a, const char *b, int *c, u32 depth, u32 tiles_m, u32 tiles_n) {
  SHARED static int left[2][WORDS][PITCH], right[2][WORDS][PITCH];
  const u32 thread = __nvvm_read_ptx_sreg_tid_x(), down = thread / 16 * 4, across = thread % 16 * 4;
  u32 m, n;
  find_tile(tiles_m, tiles_n, m, n);
  a += (u64)m * TILE * depth;
  b += (u64)n * TILE * depth;
  vec4 next_a[2], next_b[2];
  load_slice(next_a, a, depth, thread);
  load_slice(next_b, b, depth, thread);
  store_slice(left[0], next_a, thread);
  store_slice(right[0], next_b, thread);
  barrier();
  int sum[8][8] = {};
  const u32 slices = depth / SLICE;
  for (u32 s = 0; s < slices; s++) {
    if (s + 1 < slices) {
      load_slice(next_a, a + (s + 1) * SLICE, depth, thread);
      load_slice(next_b, b + (s + 1) * SLICE, depth, thread);
    }
    for (u32 k = 0; k < WORDS; k++) {
      int x[8], y[8];
      *(vec4 *)&x[0] = *(const vec4 *)&left[s & 1][k][down];
      *(vec4 *)&x[4] = *(const vec4 *)&left[s & 1][k][down + 64];
      *(vec4 *)&y[0] = *(const vec4 *)&right[s & 1][k][across];
      *(vec4 *)&y[4] = *(const vec4 *)&right[s & 1][k][across + 64];
#pragma unroll
      for (u32 i = 0; i < 8; i++)
#pragma unroll
        for (u32 j = 0; j < 8; j++) dp4a(sum[i][j], x[i], y[j]);
    }
    if (s + 1 < slices) {
      store_slice(left[(s + 1) & 1], next_a, thread);
      store_slice(right[(s + 1) & 1], next_b, thread);
    }
    barrier();
  }
  const u64 width = (u64)tiles_n * TILE;
#pragma unroll
  for (u32 i = 0; i < 8; i++) {
    int *row = c + ((u64)m * TILE + down + i % 4 + i / 4 * 64) * width + n * TILE + across;
    *(vec4 *)row = {sum[i][0], sum[i][1], sum[i][2], sum[i][3]};
    *(vec4 *)(row + 64) = {sum[i][4], sum[i][5], sum[i][6], sum[i][7]};
  }
}

#if __CUDA_ARCH__ >= 800

// Slices in flight: one is multiplied while the others arrive.
constexpr u32 STAGES = 3;

DEVICE u32 shared_address(const void *p) {
  return (u32)(u64)(const __attribute__((address_space(3))) void *)p;
}

DEVICE void copy_async(u32 to, const char *from) { asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory"); }

DEVICE void load_matrices(u32 (&r)[4], u32 from) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(from) : "memory");
}

DEVICE void mma(int (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3]) : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Where a part of 16 bytes of a row lies in shared memory: parts of neighbouring rows change places, so that the eight rows
// that ldmatrix reads at a time lie in different banks.
DEVICE u32 place(u32 row, u32 part) { return row * SLICE + ((part ^ (row >> 1 & 3)) << 4); }

DEVICE void copy_slice(u32 to, const char *rows, u64 depth, u32 thread) {
#pragma unroll
  for (u32 i = 0; i < 2; i++) {
    const u32 part = thread + 256 * i;
    copy_async(to + place(part >> 2, part & 3), rows + (part >> 2) * depth + (part & 3) * 16);
  }
}

// product_mma serves compute capability 8.0 and newer with the tensor cores. Eight warps, two by four, each compute 64 by 32
// entries in 4 by 4 pieces of 16 by 8, by the layout of fragments in the PTX manual's section on mma.m16n8k32.
KERNEL void product_mma(const char *a, const char *b, int *c, u32 depth, u32 tiles_m, u32 tiles_n) {
  SHARED static char slices_in[STAGES][2][TILE * SLICE];
  const u32 thread = __nvvm_read_ptx_sreg_tid_x(), lane = thread % 32, warp = thread / 32;
  const u32 down = warp / 4 * 64, across = warp % 4 * 32;
  u32 m, n;
  find_tile(tiles_m, tiles_n, m, n);
  a += (u64)m * TILE * depth;
  b += (u64)n * TILE * depth;
  const u32 base = shared_address(slices_in), slices = depth / SLICE, half = TILE * SLICE;
  for (u32 s = 0; s < STAGES - 1; s++) {
    if (s < slices) {
      copy_slice(base + s * 2 * half, a + s * SLICE, depth, thread);
      copy_slice(base + s * 2 * half + half, b + s * SLICE, depth, thread);
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
  }
  int sum[4][4][4] = {};
  for (u32 s = 0; s < slices; s++) {
    asm volatile("cp.async.wait_group %0;" ::"n"(STAGES - 2) : "memory");
    barrier();
    const u32 next = s + STAGES - 1;
    if (next < slices) {
      const u32 to = base + next % STAGES * 2 * half;
      copy_slice(to, a + next * SLICE, depth, thread);
      copy_slice(to + half, b + next * SLICE, depth, thread);
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
    const u32 left = base + s % STAGES * 2 * half, right = left + half;
#pragma unroll
    for (u32 k = 0; k < SLICE / 32; k++) {
      u32 x[4][4], y[2][4];
#pragma unroll
      for (u32 i = 0; i < 4; i++) load_matrices(x[i], left + place(down + i * 16 + lane % 16, 2 * k + lane / 16));
#pragma unroll
      for (u32 j = 0; j < 2; j++) load_matrices(y[j], right + place(across + j * 16 + lane % 8 + lane / 16 * 8, 2 * k + lane / 8 % 2));
#pragma unroll
      for (u32 i = 0; i < 4; i++)
#pragma unroll
        for (u32 j = 0; j < 4; j++) mma(sum[i][j], x[i], y[j / 2][j % 2 * 2], y[j / 2][j % 2 * 2 + 1]);
    }
  }
  const u64 width = (u64)tiles_n * TILE;
#pragma unroll
  for (u32 i = 0; i < 4; i++) {
#pragma unroll
    for (u32 j = 0; j < 4; j++) {
      int *at = c + ((u64)m * TILE + down + i * 16 + lane / 4) * width + n * TILE + across + j * 8 + lane % 4 * 2;
      *(vec2 *)at = {sum[i][j][0], sum[i][j][1]};
      *(vec2 *)(at + 8 * width) = {sum[i][j][2], sum[i][j][3]};
    }
  }
}

#endif
