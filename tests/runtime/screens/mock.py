"""A small local application that shows every template with believable sample rows under the strict policy.

Run it as `python -m tests.runtime.screens.mock [FOLDER]`: with a folder it writes screenshots there (1440 and 390 px, both
languages), without one it serves on 127.0.0.1:8010.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, render_template_string, request
from flask_babel import Babel, gettext
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from runtime.screens.assets import STATIC, asset_urls, icon_marks

SCREENS = STATIC.parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
LONG = "阿卜杜拉·买买提艾力·吾斯曼江·阿不都热合曼"
NAMES = ["欧阳明月", "王伟", LONG, "陈思", "李娜", "司马相如", "Margarethe von Hohenzollern-Sigmaringen", "仇英"]
PAGES = {
    "signin": "signin.html", "signin_wrong": "signin.html", "home": "home.html", "home_empty": "home.html",
    "list": "patient_list.html", "list_filtered": "patient_list.html", "list_empty": "patient_list.html",
    "list_none": "patient_list.html", "record": "patient_record.html", "form": "patient_form.html",
    "form_errors": "patient_form.html", "ask": "task_ask.html", "ask_errors": "task_ask.html",
    "conflict": "conflict.html", "error_403": "error.html", "error_500": "error.html", "error_signed_out": "error.html",
}


def t(en: str, zh: str) -> str:
    """What a definition's label `{en, zh}` would say in the language of this request."""
    return zh if g.lang == "zh-Hans" else en


def ui(page: str) -> dict[str, Any]:
    """The context of layout.html."""
    nav = [
        ("patient", t("Patients", "患者"), "users", t("Care", "诊疗")),
        ("task", t("Follow-up tasks", "随访任务"), "phone", t("Care", "诊疗")),
        ("appointment", t("Appointments", "预约"), "calendar", t("Care", "诊疗")),
        ("treatment", t("Treatments", "治疗"), "dental", t("Care", "诊疗")),
        ("contact", t("Contact log", "联系记录"), "message-circle", t("Care", "诊疗")),
        ("staff", t("Staff", "员工"), "user", t("Organisation", "机构")),
        ("clinic", t("Clinics", "诊所"), "building-hospital", t("Organisation", "机构")),
    ]
    in_section = page.startswith(("list", "record", "form"))
    return {
        "lang": g.lang, "csrf": "sample-token", "home_url": "/home", "at_home": page.startswith("home"), "signout_url": "/signout",
        "organisation": t("Riverside Dental Group", "河畔口腔医疗集团"), "clinic": t("Xuhui Clinic", "徐汇门诊部"),
        "user": None if page.startswith("signin") or page == "error_signed_out" else
                {"name": "李小芳", "initials": "李", "roles": t("Nurse · Xuhui; Reception · Pudong", "护士(徐汇)、前台(浦东)")},
        "languages": [{"code": "zh-Hans", "label": "中文", "value": "zh-Hans"}, {"code": "en", "label": "English", "value": "en"}],
        "language_url": "/home", "here_url": "/home", "me_url": "/record",
        "nav": [{"label": label, "icon": icon, "group": group, "url": "/list", "current": in_section and name == "patient",
                 "count": 12 if name == "task" else None} for name, label, icon, group in nav],
        "flashes": flashes(page),
    }


def flashes(page: str) -> list[dict[str, Any]]:
    """One with undo on the list, one on the record."""
    if page == "list":
        return [{"kind": "success", "text": t("Deleted: 张三 (P-2026-0007)", "已删除:张三(P-2026-0007)"), "undo_url": "/list"}]
    if page == "record":
        return [{"kind": "success", "text": t("Saved.", "已保存。")}]
    return []


def patients(count: int) -> list[dict[str, Any]]:
    """Rows with long names, gaps, masks and every category of state."""
    states = [("open", "In treatment", "治疗中"), ("waiting", "Unreachable", "联系不上"), ("done", "Completed", "已完成"),
              ("cancelled", "Cancelled", "已取消"), ("alert", "Escalated", "已升级")]
    rows = []
    for n in range(count):
        category, en, zh = states[n % len(states)]
        rows.append({
            "name": NAMES[n % len(NAMES)], "number": f"P-2026-{n + 131:04}", "sex": t("F", "女") if n % 2 else t("M", "男"),
            "age": 8 + n * 7 % 80, "phone": "138 **** 5678" if n % 3 else "139 1234 5678", "phone_masked": n % 3 > 0,
            "doctor": ["王建国", "Zhao Li", ""][n % 3], "status": t(en, zh), "category": category,
            "next": f"2026-11-{(n * 3) % 28 + 1:02}", "late": (n * 3) % 28 < 21,
        })
    return rows


def list_page(page: str) -> dict[str, Any]:
    """The context of list.html."""
    filtered = page in {"list_filtered", "list_none"}
    options = [{"value": "open", "label": t("In treatment", "治疗中")}, {"value": "done", "label": t("Completed", "已完成")}]
    return {
        "label": t("Patients", "患者"), "caption": t("Patients, latest visit first", "患者,按复诊时间倒序"), "action": "/list_filtered",
        "new_url": "/form", "new_label": t("New patient", "新增患者"), "csv_url": "/file", "q": "欧阳" if filtered else "",
        "q_label": t("Name or number", "姓名或病历号"), "search": True, "keep": {"sort": "-next"},
        "controls": [{"name": "status", "label": t("Status", "状态"), "options": options, "value": "open" if filtered else ""},
                     {"name": "doctor", "label": t("Doctor", "主治医生"), "options": [{"value": "7", "label": "王建国"}], "value": ""}],
        "chips": [{"label": t("Status: In treatment", "状态:治疗中"), "remove_url": "/list"},
                  {"label": t("Search: 欧阳", "搜索:欧阳"), "remove_url": "/list"}] if filtered else [],
        "clear_url": "/list", "sort_choices": [{"label": t("Next visit, latest first", "下次复诊,从近到远"), "url": "?", "current": True},
                                                 {"label": t("Name", "姓名"), "url": "?"}],
        "any": page in {"list", "list_filtered"}, "filtered": filtered, "previous_url": None, "next_url": "?after=x",
        "shown": t("24 shown", "显示 24 条"),
    }


def home(page: str) -> dict[str, Any]:
    """The context of home.html."""
    rows = [] if page == "home_empty" else [
        {"title": name, "object": t("Day 7 call · implant", "第7天电话随访 · 种植"), "url": "/record",
         "state": t("Due", "待办") if n else t("Unreachable", "联系不上"), "category": "open" if n else "waiting",
         "when": t("3 days late", "已逾期3天"), "late": True}
        for n, name in enumerate(NAMES[:4])]
    groups = [
        {"id": "late", "title": t("Overdue", "已逾期"), "late": True, "lines": rows},
        {"id": "today", "title": t("Due today", "今日到期"), "late": False, "lines": [{**row, "when": "09:30", "late": False} for row in rows]},
    ]
    everything = [{"label": t("Follow-up tasks", "随访任务"), "url": "/list"}]
    recent = [{"title": row["title"], "object": t("Patient", "患者"), "url": "/record", "when": "10:12"} for row in rows]
    tasks = _macro("tasks(groups, false, everything)", groups=groups if rows else [], everything=everything)
    main = {"id": "tasks", "title": t("For me", "我的待办"), "icon": "checklist", "tone": "alert", "count": len(rows), "body": tasks}
    side = {"id": "recent", "title": t("Recently opened", "最近打开"), "icon": "history", "body": _macro("recent(rows)", rows=recent)}
    cards = {"main": [_macro("panel(part)", "panel", part=main)], "side": [_macro("panel(part)", "panel", part=side)]}
    return {
        "greeting": t("Good morning, 李小芳", "李小芳,早上好"), "today_text": t("Sunday 22 November 2026", "2026年11月22日 星期日"),
        "panels": {"alerts": [], **cards},
    }


def _macro(call: str, part_of: str = "home", **given: Any) -> Markup:
    """What a macro of a file of parts/ draws."""
    name = call.partition("(")[0]
    return Markup(render_template_string(f'{{% from "parts/{part_of}.html" import {name} %}}{{{{ {call} }}}}', **given))


def record() -> dict[str, Any]:
    """The context of record.html."""
    change = {"label": t("Phone", "电话"), "old": "137 **** 0001", "new": "138 **** 5678", "masked": True}
    doctor = {"label": t("Doctor", "主治医生"), "old": None, "new": "王建国", "masked": False}
    return {
        "title": "欧阳明月", "object_label": t("Patients", "患者"), "list_url": "/list", "state": t("In treatment", "治疗中"),
        "state_category": "open", "note": t("58 years · Xuhui Clinic, Pudong Clinic", "58岁 · 徐汇门诊部、浦东门诊部"), "version": 7,
        "edit_url": "/form", "delete_url": "/list", "delete_confirm": t("Delete 欧阳明月? You can undo this.", "删除欧阳明月?可以撤销。"),
        "steps": [
            {"name": "complete", "label": t("Complete", "完成治疗"), "url": "/ask", "allowed": True, "ask": True, "tone": "primary"},
            {"name": "pause", "label": t("Pause", "暂停"), "url": "/record", "allowed": True,
             "confirm": t("Pause the treatment?", "暂停治疗?")},
            {"name": "escalate", "label": t("Escalate", "升级处理"), "url": "/record", "allowed": False,
             "reason": t("Only when the pain is 7 or more; it is 4.", "仅当疼痛评分达到7分时可用,当前为4分。")}],
        "history": [
            {"who": "李小芳", "at": "2026-11-22T02:12:00Z", "at_text": "2026-11-22 10:12", "what": t("changed", "修改"),
             "changes": [change, doctor]},
            {"who": "王建国", "at": "2026-11-12T08:00:00Z", "at_text": "2026-11-12 16:00", "what": t("Start treatment", "开始治疗"),
             "changes": [{"label": t("Status", "状态"), "old": t("New", "新建"), "new": t("In treatment", "治疗中"), "masked": False}]},
            {"who": t("Import", "导入"), "at": "2026-11-01T00:00:00Z", "at_text": "2026-11-01 08:00", "what": t("created", "创建"),
             "changes": []}],
        "history_more_url": "/record",
    }


def form(page: str) -> dict[str, Any]:
    """The context of form.html, ask.html and signin.html."""
    bad = page.endswith("errors")
    title = t("Edit 欧阳明月", "编辑 欧阳明月")
    if page.startswith("ask"):
        title = t("Complete: Day 7 call, 欧阳明月", "完成:第7天电话随访,欧阳明月")
    return {
        "title": title, "action": "/form_errors", "version": 7, "release": "r1", "multipart": True, "cancel_url": "/record",
        "save_label": t("Complete", "完成") if page.startswith("ask") else t("Save", "保存"),
        "text": t("The task leaves your list.", "完成后任务将从列表中移除。"),
        "errors": [{"name": "birth_date", "label": t("Date of birth", "出生日期"), "message": t("lies in the future.", "在将来。")},
                   {"name": "pain", "label": t("Pain 0–10", "疼痛评分 0–10"), "message": t("At most 10.", "最大为 10。")}] if bad else [],
        "username": "lixiaofang" if page == "signin_wrong" else "", "next": "/list",
        "error": t("User name or password is wrong.", "用户名或密码错误。") if page == "signin_wrong" else None,
    }


def conflict() -> dict[str, Any]:
    """The context of conflict.html."""
    note = t("Prefers calls after 18:00.", "希望晚上六点后联系。")
    return {
        "title": "欧阳明月", "action": "/conflict", "version": 8, "release": "r1", "who": "王建国",
        "when_text": t("2 minutes ago", "2分钟前"),
        "record_url": "/record",
        "rows": [{"name": "phone", "label": t("Phone", "电话"), "base": "137 0000 0001", "theirs_text": "138 1234 5678",
                  "mine_text": "139 8765 4321", "mine": "139 8765 4321", "choice": "mine"},
                 {"name": "note", "label": t("Note", "备注"), "base": None, "theirs_text": note,
                  "mine_text": note + "\n" + t("Daughter comes along; please ring her first, the patient does not hear well.",
                                               "女儿陪同,请先联系女儿,患者听力不好。") + LONG, "mine": note, "choice": "theirs"}],
        "mine_only": [{"name": "pain", "label": t("Pain", "疼痛评分"), "text": "4", "values": ["4"]}],
        "theirs_only": [{"label": t("Doctor", "主治医生"), "base": None, "text": "王建国"}],
    }


def context(page: str) -> dict[str, Any]:
    """Everything a template may ask for; each takes its part."""
    code = {"error_403": 403, "error_500": 500}.get(page, 404)
    return {
        "ui": ui(page), "t": t, "page": list_page(page), "rows": patients(24 if page == "list" else 2), "record": record(),
        "form": form(page), "bad": page.endswith("errors"), "conflict": conflict(),
        "error": {"code": code, "request_id": "01JDA7", "actions": [{"label": t("Back to the list", "返回列表"), "url": "/list"}]},
        **home(page),
    }


def language() -> str:
    """`?lang=`, else what the cookie says, else English."""
    g.lang = request.args.get("lang") or request.cookies.get("lang") or "en"
    return "zh_Hans" if g.lang == "zh-Hans" else "en"


def lookup(name: str) -> Response:
    """The link picker's answer."""
    asked = request.args.get("q", "")
    found = [{"id": str(n), "title": each, "note": f"P-2026-{n:04}"} for n, each in enumerate(NAMES) if asked in each]
    return jsonify(items=found[:5], more=len(found) > 5)


def create_app() -> Flask:
    """The application; the policy header is on every answer."""
    app = Flask("screens_mock", static_folder=str(STATIC), static_url_path="/static", template_folder=str(SCREENS / "templates"))
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(SCREENS / "translations")
    Babel(app, locale_selector=language)
    samples = Path(__file__).parent / "samples"
    app.jinja_loader = ChoiceLoader([FileSystemLoader(str(SCREENS / "templates")), FileSystemLoader(str(samples))])  # type: ignore[assignment]
    app.jinja_env.globals["asset"] = asset_urls()
    app.jinja_env.globals["icon"] = icon_marks(asset_urls())
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_url_rule("/o/<name>/lookup", view_func=lookup)
    app.add_url_rule("/inbox/count", "inbox_count", lambda: "3")
    app.add_url_rule("/<page>", view_func=show, methods=["GET", "POST"])
    app.after_request(with_policy)
    return app


def show(page: str) -> Response:
    """One sample page."""
    if page not in PAGES:
        return Response(status=404)
    gettext("Home")  # settles the language before the first label is asked for
    answer = Response(render_template(PAGES[page], **context(page)))
    if request.args.get("lang"):
        answer.set_cookie("lang", g.lang, samesite="Lax")
    return answer


def with_policy(answer: Response) -> Response:
    """The headers of the real application, as far as the look depends on them."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def screenshots(folder: Path) -> None:
    """Writes PAGE-LANGUAGE-WIDTH.png for all pages."""
    from playwright.sync_api import sync_playwright

    from tests.fixtures.chromium import ARGUMENTS
    from tests.runtime.screens.serving import served

    folder.mkdir(parents=True, exist_ok=True)
    with served(create_app()) as origin, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for width in (1440, 390):
            tab = browser.new_page(viewport={"width": width, "height": 900 if width > 400 else 844})
            for lang in ("zh-Hans", "en"):
                for page in PAGES:
                    tab.goto(f"{origin}/{page}?lang={lang}")
                    tab.screenshot(path=folder / f"{page}-{lang}-{width}.png", full_page=True)
            tab.close()
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        screenshots(Path(sys.argv[1]))
    else:
        create_app().run(port=8010)
