/** An error as the cluster's own: known by its code. */
export function clusterError(code: string): Error {
  return Object.assign(new Error(`the cluster says ${code}`), { code });
}
