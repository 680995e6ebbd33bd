import { register } from 'node:module';
register('data:text/javascript,'+encodeURIComponent(`export async function resolve(s,c,n){ if (s==='undici') return {url:'file:///work/main/bench/zz-shim.cjs', shortCircuit:true, format:'commonjs'}; return n(s,c);}`));
