"""Files that hang on rows of any kind of work: who may see a row may see them, who brought one may take it away."""

from app.errors import NotFound
from app.insight import kinds
from app.people.models import Person
from app.work import attachments
from app.work.models import Attachment


def found(uid: str, *, by: Person) -> Attachment:
    """A file that `by` may see; NotFound for every other, in the words for a uid that does not exist."""
    file = attachments.find(uid)
    subject = kinds.subject(file.subject_kind)
    if subject is None or subject.may_see is None:
        raise NotFound
    try:
        subject.may_see(by, file.subject_id)
    except NotFound:
        raise NotFound from None
    return file


def take_back(uid: str, *, by: Person) -> str:
    """撤回附件; returns the page of the row that it hung on. Refusals are those of `attachments.take_back`."""
    file = attachments.find(uid)
    subject, row_id = kinds.subject(file.subject_kind), file.subject_id
    if subject is None or subject.may_take_back is None:
        raise NotFound
    attachments.take_back(uid, by=by, guard=subject.may_take_back)
    return subject.page(row_id)
