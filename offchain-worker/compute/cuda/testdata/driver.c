// A driver for tests on machines without a GPU: the functions of libcuda.so.1 that package cuda calls, with the processor
// in the place of three GPUs. It is strict where the real one is: a call without the context of its thread, an address or a
// pitch that is off, a grid that does not fit are errors. test_set turns faults on.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

enum { INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_CONTEXT = 201, INVALID_PTX = 218, NOT_FOUND = 500, LAUNCH_FAILED = 719 };
enum { SET_DEVICES, SET_MEMORY, SET_SPOIL, SET_FAIL_LAUNCH, SET_FAIL_COMPILE, SET_PROHIBITED, SETTINGS };

static int settings[SETTINGS] = {3, 1 << 30};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread uintptr_t current;
static int contexts, modules;
static struct { uint8_t *at; size_t size; } live[64];

void test_set(int setting, int value) { settings[setting] = value; }
// What is not freed yet: memory, modules and contexts.
int test_live(void) {
  int n = contexts + modules;
  for (int i = 0; i < 64; i++) n += live[i].at != 0;
  return n;
}

static const struct { const char *name; int major, minor; } gpus[3] = {{"Test GPU with tensor cores", 9, 0}, {"Test GPU", 6, 1}, {"Old test GPU", 5, 2}};

int cuInit(unsigned flags) { return settings[SET_DEVICES] < 0 ? NO_DEVICE : 0; }
int cuGetErrorName(int code, const char **name) {
  switch (code) {
  case INVALID_VALUE: *name = "CUDA_ERROR_INVALID_VALUE"; return 0;
  case OUT_OF_MEMORY: *name = "CUDA_ERROR_OUT_OF_MEMORY"; return 0;
  case LAUNCH_FAILED: *name = "CUDA_ERROR_LAUNCH_FAILED"; return 0;
  }
  return INVALID_VALUE;
}
int cuDeviceGetCount(int *count) { *count = settings[SET_DEVICES]; return 0; }
int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return ordinal < 3 ? 0 : INVALID_VALUE; }
int cuDeviceGetName(char *name, int length, int device) { strncpy(name, gpus[device].name, length); return 0; }
int cuDeviceGetUuid(uint8_t *uuid, int device) {
  for (int i = 0; i < 16; i++) uuid[i] = 0x10 * device + i;
  return 0;
}
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = settings[SET_MEMORY]; return 0; }
int cuDeviceGetAttribute(int *value, int attribute, int device) {
  switch (attribute) {
  case 20: *value = settings[SET_PROHIBITED] ? 2 : 0; return 0;
  case 75: *value = gpus[device].major; return 0;
  case 76: *value = gpus[device].minor; return 0;
  }
  return INVALID_VALUE;
}
int cuDevicePrimaryCtxRetain(uintptr_t *context, int device) { contexts++; *context = device + 1; return 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { contexts--; return 0; }
int cuCtxSetCurrent(uintptr_t context) { current = context; return 0; }
int cuCtxSynchronize(void) {
  if (!current) return INVALID_CONTEXT;
  return settings[SET_FAIL_LAUNCH] ? LAUNCH_FAILED : 0;
}
int cuModuleLoadDataEx(uintptr_t *module, const char *image, unsigned count, const int *names, void **values) {
  if (!current) return INVALID_CONTEXT;
  if (settings[SET_FAIL_COMPILE]) {
    for (unsigned i = 0; i < count; i++)
      if (names[i] == 5) strcpy(values[i], "ptxas: line 7: no such instruction");
    return INVALID_PTX;
  }
  if (!strstr(image, ".visible .entry product_")) return INVALID_PTX;
  modules++;
  *module = (uintptr_t)image;
  return 0;
}
int cuModuleUnload(uintptr_t module) { modules--; return current ? 0 : INVALID_CONTEXT; }
int cuModuleGetFunction(uintptr_t *function, uintptr_t module, const char *name) {
  *function = strcmp(name, "product_mma") == 0 ? 1 : strcmp(name, "product_dp4a") == 0 ? 2 : 0;
  return *function ? 0 : NOT_FOUND;
}
int cuMemAlloc_v2(uint64_t *address, size_t size) {
  if (!current) return INVALID_CONTEXT;
  if (size > (size_t)settings[SET_MEMORY]) return OUT_OF_MEMORY;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < 64; i++)
    if (!live[i].at) {
      live[i].at = malloc(size);
      live[i].size = size;
      memset(live[i].at, 0x5a, size);
      *address = (uint64_t)live[i].at;
      break;
    }
  pthread_mutex_unlock(&lock);
  return 0;
}
int cuMemFree_v2(uint64_t address) {
  if (!current) return INVALID_CONTEXT;
  for (int i = 0; i < 64; i++)
    if ((uint64_t)live[i].at == address) {
      free(live[i].at);
      live[i].at = 0;
      return 0;
    }
  return INVALID_VALUE;
}
// Whether memory of the device is there.
static int there(uint64_t address, size_t size) {
  for (int i = 0; i < 64; i++)
    if (live[i].at && address >= (uint64_t)live[i].at && address + size <= (uint64_t)live[i].at + live[i].size) return 1;
  return 0;
}
int cuMemsetD8_v2(uint64_t address, uint8_t value, size_t size) {
  if (!current) return INVALID_CONTEXT;
  if (!there(address, size)) return INVALID_VALUE;
  memset((void *)address, value, size);
  return 0;
}
struct copy {
  size_t src_x, src_y;
  int src_type;
  const uint8_t *src_host;
  uint64_t src_device;
  void *src_array;
  size_t src_pitch, dst_x, dst_y;
  int dst_type;
  uint8_t *dst_host;
  uint64_t dst_device;
  void *dst_array;
  size_t dst_pitch, width, height;
};
int cuMemcpy2D_v2(const struct copy *c) {
  if (!current) return INVALID_CONTEXT;
  if (c->src_x || c->src_y || c->dst_x || c->dst_y || c->width > c->src_pitch || c->width > c->dst_pitch) return INVALID_VALUE;
  const uint8_t *from = c->src_type == 1 ? c->src_host : (const uint8_t *)c->src_device;
  uint8_t *to = c->dst_type == 1 ? c->dst_host : (uint8_t *)c->dst_device;
  if (c->src_type == 2 && !there(c->src_device, c->src_pitch * (c->height - 1) + c->width)) return INVALID_VALUE;
  if (c->dst_type == 2 && !there(c->dst_device, c->dst_pitch * (c->height - 1) + c->width)) return INVALID_VALUE;
  for (size_t row = 0; row < c->height; row++) memcpy(to + row * c->dst_pitch, from + row * c->src_pitch, c->width);
  return 0;
}
// Whether a row is of padding only, which need not be multiplied.
static int zero(const int8_t *row, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (row[i]) return 0;
  return 1;
}
int cuLaunchKernel(uintptr_t function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   uintptr_t stream, void **arguments, void **extra) {
  if (!current) return INVALID_CONTEXT;
  uint64_t a = *(uint64_t *)arguments[0], b = *(uint64_t *)arguments[1], c = *(uint64_t *)arguments[2];
  uint32_t depth = *(uint32_t *)arguments[3], m = *(uint32_t *)arguments[4], n = *(uint32_t *)arguments[5];
  if (gx != m * n || gy != 1 || gz != 1 || bx != 256 || by != 1 || bz != 1 || shared || stream || extra || depth % 64) return INVALID_VALUE;
  size_t rows = 128 * (size_t)m, cols = 128 * (size_t)n;
  if (!there(a, rows * depth) || !there(b, cols * depth) || !there(c, 4 * rows * cols)) return INVALID_VALUE;
  const int8_t *x = (const int8_t *)a, *y = (const int8_t *)b;
  int32_t *out = (int32_t *)c;
  uint8_t *empty = calloc(cols, 1);
  for (size_t j = 0; j < cols; j++) empty[j] = zero(y + j * depth, depth);
  for (size_t i = 0; i < rows; i++) {
    int nothing = zero(x + i * depth, depth);
    for (size_t j = 0; j < cols; j++) {
      int32_t sum = 0;
      if (!nothing && !empty[j])
        for (size_t k = 0; k < depth; k++) sum += x[i * depth + k] * y[j * depth + k];
      out[i * cols + j] = sum;
    }
  }
  free(empty);
  if (settings[SET_SPOIL]) out[0]++;
  return 0;
}
