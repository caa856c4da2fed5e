import { runSeeds } from './run-seeds.ts';

runSeeds({ first: 301, last: 600, incidents: 2_500, file: 'test/simulation/seeds-2.slow.test.ts' });
