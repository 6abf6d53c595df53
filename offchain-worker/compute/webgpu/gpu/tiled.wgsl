// Entries of C = A·Bᵀ for int8 operands, packed four values to a word along the inner dimension.
//
// A workgroup of 16 x 16 invocations computes 64 x 64 entries, each invocation 4 x 4 of them that lie 16 apart: then neighbours
// read neighbouring words of shared memory and write neighbouring entries.

struct Block {
    // stride is the length of the panels' rows in words.
    stride: u32,
    row: u32,
    col: u32,
    rows: u32,
    cols: u32,
    // from and to bound the words of the inner dimension; from word 0 on, entries start anew.
    from_word: u32,
    to_word: u32,
    unused: u32,
}

@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> c: array<i32>;
@group(0) @binding(3) var<uniform> block: Block;

// 16 words of 64 rows, turned so that a word's rows are next to each other; 65 apart, so that writes hit different banks.
var<workgroup> left: array<u32, 1040>;
var<workgroup> right: array<u32, 1040>;

fn put(m: u32, n: u32, sum: i32) {
    if (m < block.rows && n < block.cols) {
        let entry = m * block.cols + n;
        if (block.from_word > 0u) {
            c[entry] = c[entry] + sum;
        } else {
            c[entry] = sum;
        }
    }
}

fn put4(m: u32, n: u32, sums: vec4<i32>) {
    put(m, n, sums.x);
    put(m, n + 16u, sums.y);
    put(m, n + 32u, sums.z);
    put(m, n + 48u, sums.w);
}

fn dots(x: u32, y: vec4<u32>) -> vec4<i32> {
    return vec4<i32>(dot4I8Packed(x, y.x), dot4I8Packed(x, y.y), dot4I8Packed(x, y.z), dot4I8Packed(x, y.w));
}

@compute @workgroup_size(16, 16, 1)
fn multiply(@builtin(local_invocation_id) local: vec3<u32>, @builtin(workgroup_id) group: vec3<u32>) {
    let row = group.y * 64u;
    let col = group.x * 64u;
    let item = local.y * 16u + local.x;
    let word = item % 16u;
    let last_row = block.row + block.rows - 1u;
    let last_col = block.col + block.cols - 1u;
    var sum0 = vec4<i32>(0);
    var sum1 = vec4<i32>(0);
    var sum2 = vec4<i32>(0);
    var sum3 = vec4<i32>(0);
    for (var at = block.from_word; at < block.to_word; at = at + 16u) {
        // Rows past the last one repeat it: their entries are never written.
        for (var i = item / 16u; i < 64u; i = i + 16u) {
            let m = min(block.row + row + i, last_row);
            let n = min(block.col + col + i, last_col);
            var x = 0u;
            var y = 0u;
            if (at + word < block.to_word) {
                x = a[m * block.stride + at + word];
                y = b[n * block.stride + at + word];
            }
            left[word * 65u + i] = x;
            right[word * 65u + i] = y;
        }
        workgroupBarrier();
        for (var k = 0u; k < 16u; k = k + 1u) {
            let p = k * 65u + local.y;
            let q = k * 65u + local.x;
            let y = vec4<u32>(right[q], right[q + 16u], right[q + 32u], right[q + 48u]);
            sum0 = sum0 + dots(left[p], y);
            sum1 = sum1 + dots(left[p + 16u], y);
            sum2 = sum2 + dots(left[p + 32u], y);
            sum3 = sum3 + dots(left[p + 48u], y);
        }
        workgroupBarrier();
    }
    put4(row + local.y, col + local.x, sum0);
    put4(row + local.y + 16u, col + local.x, sum1);
    put4(row + local.y + 32u, col + local.x, sum2);
    put4(row + local.y + 48u, col + local.x, sum3);
}
