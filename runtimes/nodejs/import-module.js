'use strict';
/** In a file of its own, read when needed: an `import()` in a file makes Node prepare its module loader, for 0.8 ms. */
const { pathToFileURL } = require('node:url');

module.exports = { importModule: (file) => import(pathToFileURL(file).href) };
