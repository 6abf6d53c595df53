// The same as tiled.wgsl without shared memory, for software drivers. A workgroup of 16 x 16 invocations computes 64 x 64
// entries, each invocation 4 x 4 of them that lie 16 apart.

struct Block {
    stride: u32,
    row: u32,
    col: u32,
    rows: u32,
    cols: u32,
    from_word: u32,
    to_word: u32,
    unused: u32,
}

@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> c: array<i32>;
@group(0) @binding(3) var<uniform> block: Block;

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
    let row = group.y * 64u + local.y;
    let col = group.x * 64u + local.x;
    let last_row = block.row + block.rows - 1u;
    let last_col = block.col + block.cols - 1u;
    let m = min(vec4<u32>(block.row + row) + vec4<u32>(0u, 16u, 32u, 48u), vec4<u32>(last_row)) * block.stride;
    let n = min(vec4<u32>(block.col + col) + vec4<u32>(0u, 16u, 32u, 48u), vec4<u32>(last_col)) * block.stride;
    var sum0 = vec4<i32>(0);
    var sum1 = vec4<i32>(0);
    var sum2 = vec4<i32>(0);
    var sum3 = vec4<i32>(0);
    for (var k = block.from_word; k < block.to_word; k = k + 1u) {
        let y = vec4<u32>(b[n.x + k], b[n.y + k], b[n.z + k], b[n.w + k]);
        sum0 = sum0 + dots(a[m.x + k], y);
        sum1 = sum1 + dots(a[m.y + k], y);
        sum2 = sum2 + dots(a[m.z + k], y);
        sum3 = sum3 + dots(a[m.w + k], y);
    }
    put4(row, col, sum0);
    put4(row + 16u, col, sum1);
    put4(row + 32u, col, sum2);
    put4(row + 48u, col, sum3);
}
