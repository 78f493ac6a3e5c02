/** The visited states: packed words in discovery order, and an exact open-addressing index over them. */

import type { Parents } from './parents.js'

/** States in the first segment, as a power of two. */
const firstBits = 12

/** The index is rebuilt at twice the size when it is fuller than this. */
const fullest = 0.8

/** Slots of the smallest index, as a power of two. */
const fewestBits = 15

/** When the index is filled anew, so many states at a time are sorted by where they belong, 2^this slots being one place. */
const sortedStates = 1 << 19
const regionBits = 14

/** The index is cut into 2^this parts, in each of which probing goes round: whoever owns a part may write to it alone. */
export const partBits = 4

/**
 * Every state has an identity: its number in breadth-first discovery order, from 0. Its words never move; each segment is
 * twice as long as the one before, so that growing copies nothing. The index maps hashes to identities. The upper bits of
 * an entry repeat bits of the hash, which saves most looks at states that differ; equality is always decided by the words
 * themselves. Everything lies in shared memory, so that other threads can take part.
 */
export interface Store {
  readonly words: number
  /** How many states there are. */
  readonly count: () => number
  /** Segments of packed words. */
  readonly segments: readonly Int32Array[]
  readonly parents: Parents
  /** The identity of a packed state at `batch[at]…`, or -1. */
  readonly find: (batch: Int32Array, at: number) => number
  /** Bytes that the states take: words, index and parents. */
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

/** States for which segments of this number have room. */
export const roomIn = (segments: number): number => (1 << (firstBits + segments)) - (1 << firstBits)

/** Slots of the index that so many states need. */
export function slotsFor(states: number): number {
  let slots = 1 << fewestBits
  while (states > slots * fullest) slots *= 2
  return slots
}

/** A zeroed array in shared memory. Its pages take no room until they are written. */
export const sharedInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4))

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
 * Declarations of a store for generated code: wants `segments` (an array) and `sharedInts` in scope; declares `count`, `index`, `mask`
 * and the functions of {@link StoreCode}, and `one(batch, at, h)`, which finds or adds a state.
 */
export function storeText(words: number): string {
  const each = (text: (i: number) => string, join = ''): string =>
    Array.from({ length: words }, (_, i) => text(i)).join(join)
  const load = (from: string, at: string): string => each((i) => `const a${i}=${from}[${at}+${i}];`)
  const locate = (id: string): string => locateText(id, words)
  const same = each((i) => `segment[o+${i}]===a${i}`, '&&')
  const next = `slot=slot&~(mask>>>${partBits})|slot+1&mask>>>${partBits};`
  // An entry is 0 if free; otherwise its low bits are identity + 1 and its high bits are the hash's.
  const probe = (hit: string, miss: string): string => `
    let slot=h&mask,entry;
    while((entry=index[slot])!==0){
      if(((entry^h)&~mask)===0){const id=(entry&mask)-1;${locate('id')}if(${same}){${hit}}}
      ${next}
    }
    ${miss}`
  return `
  let touched=0;
  let count=0,room=0,mask=${(1 << fewestBits) - 1},index=sharedInts(mask+1),limit=Math.floor((mask+1)*${fullest});
  function grow(){
    const states=${1 << firstBits}<<segments.length;
    segments.push(sharedInts(states*${words}));room+=states;
  }
  function adopt(states,slots){
    count=states;index=slots;mask=slots.length-1;limit=Math.floor((mask+1)*${fullest});
    room=${1 << firstBits}*((1<<segments.length)-1);
  }
  function renew(slots){mask=slots-1;index=null;index=sharedInts(slots);limit=Math.floor(slots*${fullest});}
  function refill(part,parts){
    const index_=index,mask_=mask,shift=31-Math.clz32(mask+1)-${partBits},stretch=Math.min(count,${sortedStates});
    const hashes=new Int32Array(stretch),sorted=new Int32Array(2*stretch),ends=new Int32Array((mask_>>>${regionBits})+2);
    for(let from=0;from<count;from+=stretch){
      const until=Math.min(count,from+stretch);
      ends.fill(0);
      for(let id=from;id<until;id++){
        ${locate('id')}${load('segment', 'o')}let h,k;${hashText(words)}
        hashes[id-from]=h;
        if(parts===1||((h&mask_)>>>shift)%parts===part)ends[((h&mask_)>>>${regionBits})+1]++;
      }
      for(let i=1;i<ends.length;i++)ends[i]+=ends[i-1];
      const all=2*ends[ends.length-1];
      for(let id=from;id<until;id++){
        const h=hashes[id-from];
        if(parts>1&&((h&mask_)>>>shift)%parts!==part)continue;
        const at=2*ends[(h&mask_)>>>${regionBits}]++;
        sorted[at]=h;sorted[at+1]=id+1;
      }
      for(let near=0;near<all;near+=256){
        const end=Math.min(all,near+256);
        // Looks that do not wait for each other: their cache misses overlap.
        let looks=0;
        for(let at=near;at<end;at+=2)looks^=index_[sorted[at]&mask_];
        touched=looks;
        for(let at=near;at<end;at+=2){
          const h=sorted[at];
          let slot=h&mask_;
          while(index_[slot]!==0){${next.replaceAll('mask', 'mask_')}}
          index_[slot]=h&~mask_|sorted[at+1];
        }
      }
    }
  }
  function one(batch,at,h){
    ${load('batch', 'at')}
    ${probe(
      'return id;',
      `if(count===room)grow();
      const id=count++;${locate('id')}${each((i) => `segment[o+${i}]=a${i};`)}
      index[slot]=h&~mask|id+1;if(count>limit){renew((mask+1)*2);refill(0,1);}return id;`,
    )}
  }
  function enter(batch,at){${load('batch', 'at')}let h,k;${hashText(words)}return one(batch,at,h);}
  function known(batch,at,h){${load('batch', 'at')}${probe('return id;', 'return -1;')}}
  function find(batch,at){${load('batch', 'at')}let h,k;${hashText(words)}return known(batch,at,h);}`
}

/** What the generated store offers to the search with several threads. */
export interface StoreCode {
  readonly count: () => number
  readonly find: (batch: Int32Array, at: number) => number
  /** Finds or adds a packed state; returns its identity. */
  readonly enter: (batch: Int32Array, at: number) => number
  /** Makes room for one more segment. */
  readonly grow: () => void
  /** Uses an index and a number of states that another thread made; segments were pushed before. */
  readonly adopt: (states: number, index: Int32Array) => void
  /** Makes a new index of so many slots, to be filled. */
  readonly renew: (slots: number) => void
  /** Enters all states that belong in one of the parts of the index that `part`, one of `parts` threads, owns. */
  readonly refill: (part: number, parts: number) => void
  readonly index: () => Int32Array
}
