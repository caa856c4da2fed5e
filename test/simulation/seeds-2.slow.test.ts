import { runSeeds } from './run-seeds.ts';

runSeeds(101, 200);
