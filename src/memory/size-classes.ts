// The sizes in which the arena hands out small blocks, and how many pages a slab of each takes.
// Steps are 8 bytes up to 256, where most small collections lie, then four to a doubling, so a
// block is at most 25 % larger than asked for; slab sizes keep the tail that no block fills under a
// sixteenth (an eighth at 14 KB).

/** Unit of addresses: every block starts at a multiple of it. */
export const GRANULE_BYTES = 8;
/** Unit in which slabs and large blocks are cut from a slot. */
export const PAGE_BYTES = 8192;
/** Blocks above this are runs of whole pages. */
export const MAX_SMALL_BYTES = 16384;

/** Up to here there is a class for each number of granules. */
const FINE_BYTES = 256;

function buildSizes(): number[] {
  const sizes: number[] = [];
  for (let size = GRANULE_BYTES; size <= FINE_BYTES; size += GRANULE_BYTES) sizes.push(size);
  for (let base = FINE_BYTES; base < MAX_SMALL_BYTES; base *= 2) {
    for (let step = 1; step <= 4; step++) sizes.push(base + (base / 4) * step);
  }
  return sizes;
}

/** Block size in bytes by class. */
export const CLASS_BYTES: Int32Array = Int32Array.from(buildSizes());
export const CLASS_COUNT: number = CLASS_BYTES.length;

/** Pages of a slab by class. */
export const SLAB_PAGES: Int32Array = CLASS_BYTES.map((size) =>
  size <= 1024 ? 1 : size <= 4096 ? 4 : 8,
);

/** Blocks in a slab by class. */
export const SLAB_BLOCKS: Int32Array = CLASS_BYTES.map((size, sizeClass) =>
  Math.floor((SLAB_PAGES[sizeClass]! * PAGE_BYTES) / size),
);

/** Class by size in granules: `CLASS_OF_GRANULES[(bytes + 7) >> 3]`. */
export const CLASS_OF_GRANULES: Uint8Array = (() => {
  const table = new Uint8Array(MAX_SMALL_BYTES / GRANULE_BYTES + 1);
  let sizeClass = 0;
  for (let granules = 0; granules < table.length; granules++) {
    while (CLASS_BYTES[sizeClass]! < granules * GRANULE_BYTES) sizeClass++;
    table[granules] = sizeClass;
  }
  return table;
})();
