/** What stands where the figures will be. */
export const words = {
  title: "指标与通报",
  notYet:
    "指标的口径和通报的表样还没有定，这里现在没有数字；定了以后，指标、明细和通报都在这里看。",
  now: "现在能看的：",
  board: "领导关注：按镇街和单位看关注的案件",
  cases: "案件：按条件查找和导出",
} as const;
