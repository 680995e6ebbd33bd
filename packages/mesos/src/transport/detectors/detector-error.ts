/** No master was found now; another try may find one. The message says where none was. */
export class NoMasters extends Error {
  override readonly name = 'NoMasters';
}

/** The `masters` option can't be understood or served; no retry will help. The message says how to mend it. */
export class InvalidMasters extends Error {
  override readonly name = 'InvalidMasters';
}
