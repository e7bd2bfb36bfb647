import { useEffect, useRef } from 'preact/hooks';
import type { Score } from '../music/score';
import { ScorePaper } from './score-paper';
import { theme } from './theme';

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** The notes that sound, on a staff. Screen readers find them in the lists of participants. */
export function ScoreView({ score }: { score: Score }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const paper = useRef<ScorePaper>();

  useEffect(() => {
    const made = (paper.current = new ScorePaper(canvas.current!, score, stillness.matches));
    let frame = 0;
    const draw = () => {
      frame = 0;
      const isAny = made.draw();
      if (isAny && !made.isStill) frame = requestAnimationFrame(draw);
    };
    const drawSoon = () => (frame ||= requestAnimationFrame(draw));
    const refit = () => {
      made.isStill = stillness.matches;
      made.fit();
      made.draw();
      drawSoon();
    };
    const observer = new ResizeObserver(refit);
    observer.observe(canvas.current!);
    stillness.addEventListener('change', refit);
    const forgetTheme = theme.subscribe(refit);
    const forgetNotes = score.version.subscribe(drawSoon);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      stillness.removeEventListener('change', refit);
      forgetTheme();
      forgetNotes();
    };
  }, [score]);

  return (
    <div class="score" aria-hidden="true">
      <canvas ref={canvas} />
      {score.isEmpty.value && <p>Notes appear here as you play.</p>}
    </div>
  );
}
