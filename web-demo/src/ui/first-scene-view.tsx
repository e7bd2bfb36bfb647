import type { FirstScene } from '../jam/first-scene';

const key = 'downbeat-first-scene';
let isSeen = false;

/** Whether this visitor has not seen it; from then on they have. */
export function isFirstTime(): boolean {
  const wasSeen = isSeen;
  isSeen = true;
  try {
    const before = localStorage.getItem(key);
    localStorage.setItem(key, 'seen');
    return !wasSeen && before === null;
  } catch {
    return !wasSeen; // without storage, once a visit
  }
}

/** What happens in the first scene, in words. */
export function FirstSceneView({ scene }: { scene: FirstScene }) {
  const caption = scene.caption.value;
  return (
    <div class={`first-scene ${caption ? 'on' : ''}`}>
      <p role="status">{caption}</p>
      {caption && (
        <button type="button" onClick={() => scene.skip()}>
          Skip
        </button>
      )}
    </div>
  );
}
