"""Requirements: words sound as with all of pypinyin's phrases, in a fraction of their memory."""

import json
import subprocess
import sys

from engine.targets.sounds import syllables

_WORDS = ["重庆", "银行", "单雄信", "种植手术", "重阳节", "旅行", "欧阳长乐", "行长", "会计", "音乐", "快乐", "朝阳区", "还款", "A座", "𠀀"]


def test_words_sound_as_with_all_phrases() -> None:
    """The whole dictionary stands in another process, as it is loaded without us."""
    code = (
        "import json,sys; from pypinyin import lazy_pinyin, Style; "
        "print(json.dumps([lazy_pinyin(w, style=Style.NORMAL, errors='ignore', v_to_u=False) for w in json.load(sys.stdin)]))"
    )
    told = subprocess.run([sys.executable, "-c", code], input=json.dumps(_WORDS), capture_output=True, text=True, check=True).stdout
    assert [syllables(word) for word in _WORDS] == json.loads(told)
    assert syllables("重庆") == ["chong", "qing"] and syllables("旅行") == ["lv", "xing"]  # and a phrase was needed for one of them


def test_memory_is_given_back() -> None:
    """58 MB with all phrases."""
    code = (
        "import psutil; before = psutil.Process().memory_info().rss\n"
        "from engine.targets import sounds\n"
        "print((psutil.Process().memory_info().rss - before) / 1e6)"
    )
    taken = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(taken) < 40
