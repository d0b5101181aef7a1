/** An order's timeline, where nothing is decided. */
import type { TimelineProps } from '../timeline/timeline.tsx';
import { Timeline } from '../timeline/timeline.tsx';

export default function OrderTimeline(props: TimelineProps) {
  return <Timeline {...props} />;
}
