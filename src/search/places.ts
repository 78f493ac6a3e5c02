/** Asking where threads stand, as text for the compiled execution: whoever asks remembers the names that it asked for. */

import type { System } from '../write/system.js'

/** Questions that one piece of code remembers; more are looked up each time. */
const remembered = 6

/**
 * Generates `stand(p0,…)`, which takes the program counters, `standing()`, which tells them as data, and `asker()`, which makes an
 * `at` for one guard or predicate. A name costs a comparison of pointers when it is asked for again; `threads` is in scope, and asked
 * for names that are not here.
 */
export function placesText({ threads }: System): string {
  const slots = Array.from({ length: remembered }, (_, i) => i)
  const told = threads.map(({ name }, i) => `[${JSON.stringify(name)},LABELS[${i}][pc[${i}]]]`)
  const codes = threads.map(({ name, labels }) => [name, labels.map((label, code) => [label, code])])
  const known = slots.map((i) => `if(l===l${i}&&t===t${i})return pc[i${i}]===c${i};`)
  const learn = slots.map((i) => `case ${i}:t${i}=t;l${i}=l;i${i}=i;c${i}=c;used=${i + 1};break;`)
  return `const pc=new Int32Array(${threads.length + 1});
function stand(${threads.map((_, i) => `p${i}`).join(',')}){${threads.map((_, i) => `pc[${i}]=p${i};`).join('')}}
function standing(){return Object.fromEntries([${told.join(',')}]);}
const codes=new Map(${JSON.stringify(codes)}.map(([name,all],i)=>[name,{i,of:new Map(all)}]));
function has(t){switch(t){${threads.map(({ name }) => `case ${JSON.stringify(name)}:`).join('')}${threads.length > 0 ? 'return true;' : ''}}return threads.has(t);}
function asker(){
  let ${slots.map((i) => `t${i},l${i},i${i}=0,c${i}=-1`).join(',')},used=0;
  function at(t,l,m){
    if(m!==undefined){let one=false;for(let i=1;i<arguments.length;i++)one=at(t,arguments[i])||one;return one;}
    ${known.join('')}
    return slow(t,l);
  }
  function slow(t,l){
    const own=codes.get(t);
    let i=own===undefined?-1:own.i,c=i<0?undefined:own.of.get(l);
    if(c===undefined){threads.insist(t,l);c=-1;i=${threads.length};}
    switch(used){${learn.join('')}}
    return pc[i]===c;
  }
  at.has=has;
  return at;
}`
}
