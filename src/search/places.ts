/** Asking where threads stand, as text for the compiled execution. */

import type { System } from '../write/system.js'

/**
 * Generates `stand(p0,…)`, which takes the program counters, `standing()`, which tells them as data, and `at`. A question is two
 * look-ups by name, which V8 answers without a hash also for names that were just put together; `threads` is in scope, and asked for
 * names that are not here.
 */
export function placesText({ threads }: System): string {
  const told = threads.map(({ name }, i) => `[${JSON.stringify(name)},LABELS[${i}][pc[${i}]]]`)
  // Named one by one: a function that has `arguments` makes an object of them at every call.
  const rest = Array.from({ length: Math.max(1, ...threads.map(({ labels }) => labels.length)) }, (_, i) => `m${i}`)
  const more = rest.map((name) => `,${name}`).join('')
  const others = rest.map(
    (name) => `if(${name}!==undefined){c=of[${name}];if(c===p)one=true;else if(c===undefined)insist(t,${name});}`,
  )
  const codes = threads.map(({ name, labels }) => [name, labels.map((label, code) => [label, code])])
  return `const pc=new Int32Array(${threads.length});
function stand(${threads.map((_, i) => `p${i}`).join(',')}){${threads.map((_, i) => `pc[${i}]=p${i};`).join('')}}
function standing(){return Object.fromEntries([${told.join(',')}]);}
function Names(){}Names.prototype=Object.create(null);
const named=(pairs)=>{const all=new Names();for(const [name,one] of pairs)all[name]=one;return all;};
const codes=named(${JSON.stringify(codes)}.map(([name,all],i)=>[name,{i,of:named(all)}]));
function insist(t,l){threads.insist(t,l);return false;}
function at(t,l${more}){
  const own=codes[t];
  if(own===undefined)return insist(t,l);
  const p=pc[own.i],c=own.of[l];
  if(m0!==undefined)return several(t,own.of,p,c===p,c===undefined&&l${more});
  return c===p||c===undefined&&insist(t,l);
}
function several(t,of,p,one,unknown${more}){
  let c;
  if(unknown!==false)insist(t,unknown);
  ${others.join('')}
  return one;
}
at.has=(t,l)=>{
  const own=codes[t];
  if(l===undefined)return own!==undefined||threads.has(t);
  return own!==undefined&&own.of[l]!==undefined||insist(t,l);
};`
}
