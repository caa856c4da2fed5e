import { runSeeds } from './run-seeds.ts';

runSeeds({ first: 1, last: 300, incidents: 2_500, file: 'test/simulation/seeds-1.slow.test.ts' });
