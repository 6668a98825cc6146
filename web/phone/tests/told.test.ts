/** What a message says first: its case, then what happened. */
import { describe, expect, it } from "vitest";
import { told } from "../src/told";

const no = "261130-02977416";
const NAME = `“路灯不亮”（${no}）`;

describe("a message", () => {
  it("has its case's name as its title, and what happened in front", () => {
    expect(told({ no, text: `${NAME}已安排处理，由区住建局负责，应于12月2日前办结。` })).toEqual({
      title: "路灯不亮",
      what: "已安排处理",
      more: "由区住建局负责，应于12月2日前办结。",
    });
  });
  it("keeps what stands before the name", () => {
    expect(told({ no, text: `催办：${NAME}应于12月2日前办结，请抓紧办理。` }).what).toBe(
      "催办：应于12月2日前办结",
    );
    expect(told({ no, text: `领导对${NAME}作了批示：请查。` }).what).toBe(
      "领导对这件事作了批示：请查",
    );
    expect(told({ no, text: `收到新的上报${NAME}，地点：南门。` }).what).toBe("收到新的上报");
    expect(told({ no, text: `${NAME}：区住建局已到现场。` }).what).toBe("区住建局已到现场");
  });
  it("without a case, or named otherwise, is told as it stands", () => {
    const text = "人员变动以后，三号岗没有人。请尽快安排。";
    expect(told({ no: "", text })).toEqual({ title: "", what: text, more: "" });
    expect(told({ no, text })).toEqual({ title: "", what: text, more: "" });
  });
  it("is not taken apart at a quotation within its name", () => {
    const text = `“门口“有求必应”招牌”（${no}）已立案。`;
    expect(told({ no, text })).toEqual({ title: "门口“有求必应”招牌", what: "已立案", more: "" });
  });
});
