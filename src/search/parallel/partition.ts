/** Source text of a batch of several threads: states are handed to the owner of their part of the index, who enters them. */

import { locateText, partBits } from '../store.js'

/** Looks at the index whose cache misses overlap. */
export const abreast = 128

/** Places of the table of what a thread has handed on in a batch: what it finds again there it does not hand on again. */
const nearby = 1 << 13

/** Integers of an entry, and of a record: a state's words, and what {@link ExchangeCode} says. */
export const entryInts = (words: number): number => words + 2

/** What the generated code offers to one thread of a batch. Everything shared is written in one phase and read in the next. */
export interface ExchangeCode {
  /**
   * Takes part as one of so many threads. `entries` has a region for every thread and owner in this order, all of one length: who
   * found what; behind the words stand the hash, which `keeps` turns into what was found, and the finder. `records` has a
   * region for every owner: the states that are new; behind the words stand the slot and the least finder.
   */
  readonly join: (entries: Int32Array, records: Int32Array, thread: number, threads: number, keeps: boolean) => void
  /** Begins to survey a batch: other entries of the same size from now on. */
  readonly open: (entries: Int32Array) => void
  /** Other records of the same size from now on. */
  readonly use: (records: Int32Array) => void
  /** Per owner, where the region of what this thread has found for it ends. */
  readonly ends: Int32Array
  /**
   * Enters what one thread has found for this one. What was found is an identity, or the complement of a record's number. Returns
   * false if there are more than `room` records.
   */
  readonly resolve: (from: number, to: number, room: number) => boolean
  /** Records that this thread has made. */
  readonly entered: () => number
  /** Turns n of them, `from` being the first, into states with identities. */
  readonly settle: (from: number, ids: Int32Array, n: number) => void
  /** Begins anew, once they are settled. */
  readonly forget: () => void
  /** Takes them all back; when all threads do, probing finds no gap. */
  readonly release: () => void
}

/**
 * Declarations for generated code of {@link ExchangeCode} and of `scatter(k, by)`, which hands on the k states of `batch`, found
 * by `by`, `by + 1`, …, and puts the places of their entries into `successors`; wants the store's declarations.
 */
export function exchangeText(words: number): string {
  const size = entryInts(words)
  const each = (text: (i: number) => string, join = ''): string =>
    Array.from({ length: words }, (_, i) => text(i)).join(join)
  const found = (what: string): string => `{if(keeps_)entries_[at+${words}]=${what};break;}`
  return `
  let entries,records,keeps=false,own=0,first=0,entered=0;
  const near=new Int32Array(${nearby});
  const ends=new Int32Array(1<<${partBits}),begins=new Int32Array(1<<${partBits}),owners=new Uint8Array(1<<${partBits});
  function join(all,kept,thread,threads,edges){
    entries=all;records=kept;keeps=edges;
    own=records.length/threads*thread;first=own/${size};
    for(let i=0;i<owners.length;i++){
      owners[i]=i%threads;
      begins[i]=entries.length/threads/threads*(thread*threads+i);
    }
  }
  function open(all){entries=all;ends.set(begins);near.fill(0);}
  function use(kept){records=kept;}
  function forget(){entered=0;}
  function scatter(k,by){
    const out=entries,near_=near,m=mask,shift=31-Math.clz32(m+1)-${partBits};
    for(let i=0;i<k;i++){
      const h=hashes[i],before=near_[h&${nearby - 1}]-1;
      ${each((w) => `const a${w}=batch[i*${words}+${w}];`)}
      if(before>=0&&${each((w) => `out[before+${w}]===a${w}`, '&&')}){successors[i]=before;continue;}
      const owner=owners[(h&m)>>>shift],at=ends[owner];
      ${each((w) => `out[at+${w}]=a${w};`)}
      out[at+${words}]=h;out[at+${words + 1}]=by+i;
      ends[owner]=at+${size};
      near_[h&${nearby - 1}]=at+1;
      successors[i]=at;
    }
  }
  function resolve(from,to,room){
    const entries_=entries,index_=index,records_=records,mask_=mask,count_=count,keeps_=keeps;
    for(let near=from;near<to;near+=${abreast * size}){
      const end=Math.min(to,near+${abreast * size});
      // Looks that do not wait for each other: their cache misses overlap.
      let all=0;
      for(let at=near;at<end;at+=${size})all^=index_[entries_[at+${words}]&mask_];
      touched=all;
      for(let at=near;at<end;at+=${size}){
        ${each((i) => `const a${i}=entries_[at+${i}];`)}
        const h=entries_[at+${words}],by=entries_[at+${words + 1}];
        let slot=h&mask_;
        for(;;){
          const entry=index_[slot];
          if(entry===0){
            if(entered===room)return false;
            const o=own+entered*${size};
            ${each((i) => `records_[o+${i}]=a${i};`)}records_[o+${words}]=slot;records_[o+${words + 1}]=by;
            index_[slot]=h&~mask_|count_+ ++entered;
            ${found('~(first+entered-1)')}
          }
          if(((entry^h)&~mask_)===0){
            const id=(entry&mask_)-1;
            if(id<count_){${locateText('id', words)}if(${each((i) => `segment[o+${i}]===a${i}`, '&&')})${found('id')}}
            else{
              const o=own+(id-count_)*${size};
              if(${each((i) => `records_[o+${i}]===a${i}`, '&&')}){
                if(by<records_[o+${words + 1}])records_[o+${words + 1}]=by;
                ${found('~(first+id-count_)')}
              }
            }
          }
          slot=slot&~(mask_>>>${partBits})|slot+1&mask_>>>${partBits};
        }
      }
    }
    return true;
  }
  function settle(from,ids,n){
    const index_=index,records_=records,mask_=mask;
    let all=0;
    for(let i=0,r=own+from*${size};i<n;i++,r+=${size})all^=index_[records_[r+${words}]];
    touched=all;
    for(let i=0,r=own+from*${size};i<n;i++,r+=${size}){
      const id=ids[i],slot=records_[r+${words}];
      ${locateText('id', words)}${each((i) => `segment[o+${i}]=records_[r+${i}];`)}
      index_[slot]=index_[slot]&~mask_|id+1;
    }
  }
  function release(){for(let i=0;i<entered;i++)index[records[own+i*${size}+${words}]]=0;entered=0;}`
}
