/** The visited states: packed words in discovery order, parent links, and an exact open-addressing index over them. */

/** States in the first segment, as a power of two. */
const firstBits = 12

/** The index is rebuilt at twice the size when it is fuller than this. */
const fullest = 0.7

/**
 * Every state has an identity: its number in breadth-first discovery order, from 0. Its words never move; each segment is
 * twice as long as the one before, so that growing copies nothing. The index maps hashes to identities. The upper bits of an entry repeat bits of
 * the hash, which saves most looks at states that differ; equality is always decided by the words themselves.
 */
export interface Store {
  readonly words: number
  /** How many states there are. */
  readonly count: () => number
  /** Segments of packed words. */
  readonly segments: readonly Int32Array[]
  /** Segments of parent identities, -1 for initial states. */
  readonly parents: readonly Int32Array[]
  /** The identity of a packed state at `batch[0]…`, or -1. */
  readonly find: (batch: Int32Array) => number
  /** Bytes in use: segments and index. */
  readonly bytes: () => number
}

/** Segment of an identity. */
export const segmentOf = (id: number): number => {
  const high = 31 - Math.clz32(id + (1 << firstBits))
  return high - firstBits
}

/** Position of an identity in its segment. */
export const offsetIn = (id: number): number => {
  const high = 31 - Math.clz32(id + (1 << firstBits))
  return id + (1 << firstBits) - (1 << high)
}

/** Statements that hash the words in locals `a0 …` into local `h`, with `k` as scratch: MurmurHash3 (Austin Appleby, public domain), x86 32-bit. */
export function hashText(words: number, k = 'k'): string {
  const mix = Array.from(
    { length: words },
    (_, i) =>
      `${k}=Math.imul(a${i},0xcc9e2d51);${k}=${k}<<15|${k}>>>17;h^=Math.imul(${k},0x1b873593);h=h<<13|h>>>19;h=Math.imul(h,5)+0xe6546b64|0;`,
  )
  return `h=${0x9747b28c | 0};${mix.join('')}h^=${words * 4};h^=h>>>16;h=Math.imul(h,0x85ebca6b);h^=h>>>13;h=Math.imul(h,0xc2b2ae35);h^=h>>>16;`
}

/** Statements that find an identity's words: from then on they are `segment[o]`, `segment[o+1]`, … */
export const locateText = (id: string, words: number): string =>
  `const b=${id}+${1 << firstBits},high=31-Math.clz32(b),segment=segments[high-${firstBits}],o=(b-(1<<high))*${words};`

/**
 * Declarations of a store for generated code: wants `segments` and `parents` (arrays) in scope; declares `count`, `index`,
 * `mask`, `one(batch, at, h, parent)`, and the functions of {@link Store} by the same names.
 */
export function storeText(words: number): string {
  const each = (text: (i: number) => string, join = ''): string =>
    Array.from({ length: words }, (_, i) => text(i)).join(join)
  const load = (from: string, at: string): string => each((i) => `const a${i}=${from}[${at}+${i}];`)
  const locate = (id: string): string => locateText(id, words)
  const same = each((i) => `segment[o+${i}]===a${i}`, '&&')
  // An entry is 0 if free; otherwise its low bits are identity + 1 and its high bits are the hash's.
  const probe = (hit: string, miss: string): string => `
    let slot=h&mask,entry;
    while((entry=index[slot])!==0){
      if(((entry^h)&~mask)===0){const id=(entry&mask)-1;${locate('id')}if(${same}){${hit}}}
      slot=slot+1&mask;
    }
    ${miss}`
  return `
  let count=0,mask=${(1 << firstBits) * 2 - 1},index=new Int32Array(mask+1),limit=Math.floor((mask+1)*${fullest}),room=0;
  function grow(){
    const states=${1 << firstBits}<<segments.length;
    segments.push(new Int32Array(states*${words}));parents.push(new Int32Array(states));room+=states;
  }
  function reindex(){
    mask=mask*2+1;index=null;index=new Int32Array(mask+1);limit=Math.floor((mask+1)*${fullest});
    for(let id=0;id<count;id++){
      ${locate('id')}${load('segment', 'o')}let h,k;${hashText(words)}
      let slot=h&mask;while(index[slot]!==0)slot=slot+1&mask;
      index[slot]=h&~mask|id+1;
    }
  }
  function add(batch,at,parent){
    if(count===room)grow();
    const id=count++;${locate('id')}${each((i) => `segment[o+${i}]=batch[at+${i}];`)}
    parents[high-${firstBits}][b-(1<<high)]=parent;
    return id;
  }
  function one(batch,at,h,parent){
    ${load('batch', 'at')}
    ${probe('return id;', `const id=add(batch,at,parent);index[slot]=h&~mask|id+1;if(count>limit)reindex();return id;`)}
  }
  function find(batch){${load('batch', '0')}let h,k;${hashText(words)}${probe('return id;', 'return -1;')}}
  function bytes(){
    const held=index.byteLength;
    return segments.concat(parents).reduce((sum,segment)=>sum+segment.byteLength,held);
  }`
}
