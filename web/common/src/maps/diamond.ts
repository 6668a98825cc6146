/** A mark that is told from a round one without its colour. */
import L from "leaflet";

/** What Leaflet's canvas knows of a mark while it draws it. */
interface Drawn {
  _renderer: {
    _drawing: boolean;
    _ctx: CanvasRenderingContext2D;
    _fillStroke: (by: CanvasRenderingContext2D, mark: unknown) => void;
  };
  _point: L.Point;
  _radius: number;
  _empty: () => boolean;
}
/** Its corners lie so much farther out than a circle of the same weight. */
const REACH = 1.25;

const Diamond = L.CircleMarker.extend({
  _updatePath(this: Drawn) {
    const { _renderer: renderer, _point: at } = this;
    if (!renderer._drawing || this._empty()) return;
    const by = renderer._ctx;
    const far = this._radius * REACH;
    by.beginPath();
    by.moveTo(at.x, at.y - far);
    by.lineTo(at.x + far, at.y);
    by.lineTo(at.x, at.y + far);
    by.lineTo(at.x - far, at.y);
    by.closePath();
    renderer._fillStroke(by, this);
  },
}) as unknown as new (at: L.LatLngExpression, how: L.CircleMarkerOptions) => L.CircleMarker;

/** Make one as `L.circleMarker` makes a round one. */
export const diamond = (at: L.LatLngExpression, how: L.CircleMarkerOptions): L.CircleMarker =>
  new Diamond(at, how);
