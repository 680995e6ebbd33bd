import Module from 'node:module';
