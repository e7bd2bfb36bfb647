// The event contract, over each way.
import { describe } from 'node:test';

import { acknowledgements, hosts, oneSessionAtATime, participants } from './scenarios/contract.mjs';
import { relay } from './scenarios/relay.mjs';
import { theatre } from './support/theatre.mjs';

describe('The contract', () => {
  const { everyScene } = theatre('--no-limits');
  describe('Acknowledgements and errors', () => everyScene(acknowledgements));
  describe('Participants', () => everyScene(participants));
  describe('Hosts', () => everyScene(hosts));
  describe('One session at a time', () => everyScene(oneSessionAtATime));
  describe('The relay of events', () => everyScene(relay));
});
