import { join } from 'node:path';
import { openStore } from '../../src/store/store.ts';
import { folder, parts } from './batches.ts';
import { storeContract } from './contract.ts';

storeContract('SQLite in memory', () => openStore(parts()));
storeContract('SQLite in a file', () =>
  openStore(parts({ path: join(folder(), 'keyleak.db'), holder: 'test' })),
);
