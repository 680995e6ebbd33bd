/**
 * Numbers up to `count` that are coprime to `count` and to each other, ascending: walking by any of them visits every
 * invoker once. Beside 1 those are exactly the primes that don't divide `count` (a composite shares a factor with a
 * smaller one that was chosen before it), so a sieve finds them.
 */
export function stepSizes(count: number): readonly number[] {
  const steps = [1];
  const composite = new Uint8Array(count + 1);
  for (let prime = 2; prime <= count; prime++) {
    if (composite[prime] === 1) continue;
    for (let multiple = prime * prime; multiple <= count; multiple += prime) composite[multiple] = 1;
    if (count % prime !== 0) steps.push(prime);
  }
  return steps;
}
