import type { TabJam } from '../jam/tab-jam';
import { Inspector } from '../inspector/inspector';
import { ComputerKeys } from './computer-keys';
import { DeviceCard } from './device-card';
import { FirstSceneView, isFirstTime } from './first-scene-view';
import { KeepJam } from './keep-jam';
import { LinkControls } from './link-controls';
import { ScoreView } from './score-view';
import { TimeControls } from './time-controls';

/** The stage, and beside or below it what crosses the wire. */
export function TabView({ jam, onNew }: { jam: TabJam; onNew: () => void }) {
  return (
    <div class="tab-view">
      <ComputerKeys find={() => jam.playedDevice} />
      <div>
        <Intro jam={jam} />
        <div class="tab-score">
          <ScoreView score={jam.score} />
          <FirstSceneView scene={jam.scene} />
        </div>
        <KeepJam source={() => ({ messages: jam.recording.messages })} />
        <Devices jam={jam} onNew={onNew} />
      </div>
      <Inspector cursor={jam.cursor} time={<TimeControls jam={jam} />} />
    </div>
  );
}

function Intro({ jam }: { jam: TabJam }) {
  const hasRobots = jam.slots.value.some(({ device }) => device.isRobot);
  return (
    <section class="intro" aria-label="This tab">
      <div>
        <h1>A jam session with its server in this tab</h1>
        <p>
          The production server, written in C++, runs <strong>inside this page</strong>. Each card
          is a musician’s device with its own Socket.IO client. No network is used: it works offline
          too. {!jam.trouble.value && 'A reload ends nothing.'}
        </p>
        {jam.trouble.value && (
          <p class="trouble" role="status">
            {jam.trouble.value}
          </p>
        )}
      </div>
      {hasRobots ? (
        <button type="button" class="start" onClick={() => jam.removeRobots()}>
          Remove the robots
        </button>
      ) : (
        <button type="button" class="start primary" onClick={() => jam.startJam(isFirstTime())}>
          Start a jam with robots
        </button>
      )}
    </section>
  );
}

function Devices({ jam, onNew }: { jam: TabJam; onNew: () => void }) {
  const slots = jam.slots.value;
  return (
    // Who takes over plays on alone.
    <section
      class={`devices ${slots.length === 1 ? 'alone' : ''}`}
      aria-label="Devices"
      onPointerDown={() => jam.scene.skip()}
      onKeyDown={() => jam.scene.skip()}
    >
      {slots.map((slot) => (
        <DeviceCard
          key={slot.device.key}
          device={slot.device}
          suggestedCode={jam.code}
          isActive={jam.active.value === slot.device.key}
          onActive={() => (jam.active.value = slot.device.key)}
          onRemove={slots.length > 1 ? () => jam.remove(slot) : undefined}
        >
          <LinkControls slot={slot} onPlug={(isPlugged) => jam.plug(slot, isPlugged)} />
        </DeviceCard>
      ))}
      <div class="more" role="group" aria-label="More musicians">
        <button type="button" disabled={!jam.hasRoom} onClick={() => jam.addDevice()}>
          Add a device
        </button>
        <button type="button" disabled={!jam.hasRoom} onClick={() => jam.addRobot()}>
          Add a robot
        </button>
        <button type="button" class="quiet" onClick={onNew}>
          New jam
        </button>
      </div>
    </section>
  );
}
