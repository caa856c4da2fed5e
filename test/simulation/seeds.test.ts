import { runSeeds } from './run-seeds.ts';

runSeeds({ first: 1_001, last: 1_200, incidents: 200, file: 'test/simulation/seeds.test.ts', short: true });
