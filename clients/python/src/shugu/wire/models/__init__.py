"""Contains all the data models used in inputs/outputs"""

from .account_of_tenant import AccountOfTenant
from .account_view import AccountView
from .all_statements import AllStatements
from .alternative import Alternative
from .asked_list import AskedList
from .asked_view import AskedView
from .book_view import BookView
from .budget_form import BudgetForm
from .budget_view import BudgetView
from .bundle_response_200 import BundleResponse200
from .census_response_200 import CensusResponse200
from .charge_list import ChargeList
from .charge_view import ChargeView
from .closed_by import ClosedBy
from .closing_form import ClosingForm
from .closing_kind import ClosingKind
from .closing_list import ClosingList
from .closing_view import ClosingView
from .corrected import Corrected
from .credit_form import CreditForm
from .credit_view import CreditView
from .data_form import DataForm
from .data_form_at import DataFormAt
from .data_list import DataList
from .data_view import DataView
from .data_view_at import DataViewAt
from .dispute_form import DisputeForm
from .dispute_list import DisputeList
from .dispute_view import DisputeView
from .emitted_view import EmittedView
from .history_response_200 import HistoryResponse200
from .hub_view import HubView
from .job_list import JobList
from .job_view import JobView
from .join_form import JoinForm
from .lease_form import LeaseForm
from .life import Life
from .life_event import LifeEvent
from .limits_form import LimitsForm
from .limits_view import LimitsView
from .load_hour import LoadHour
from .load_view import LoadView
from .made_token import MadeToken
from .measured_response_200 import MeasuredResponse200
from .measurement_form import MeasurementForm
from .node_list import NodeList
from .node_view import NodeView
from .notice_form import NoticeForm
from .operations import Operations
from .output_form import OutputForm
from .pool_list import PoolList
from .pool_view import PoolView
from .pool_view_out_of_service import PoolViewOutOfService
from .pool_why_view import PoolWhyView
from .pool_why_view_reason_type_0 import PoolWhyViewReasonType0
from .power_view import PowerView
from .reading_form import ReadingForm
from .refused import Refused
from .refused_error import RefusedError
from .report_view import ReportView
from .scenario_list import ScenarioList
from .scenario_view import ScenarioView
from .sign_in_view import SignInView
from .sign_in_way import SignInWay
from .signal_form import SignalForm
from .signal_list import SignalList
from .signal_reading import SignalReading
from .signal_view import SignalView
from .signal_view_errors import SignalViewErrors
from .signals_taken import SignalsTaken
from .site_energy_view import SiteEnergyView
from .site_list import SiteList
from .site_view import SiteView
from .site_view_bounds import SiteViewBounds
from .smaller_view import SmallerView
from .statement import Statement
from .statement_line import StatementLine
from .study_begun import StudyBegun
from .study_form_type_0 import StudyFormType0
from .study_form_type_0_kind import StudyFormType0Kind
from .study_form_type_1 import StudyFormType1
from .study_form_type_1_kind import StudyFormType1Kind
from .study_found import StudyFound
from .study_found_request import StudyFoundRequest
from .study_found_result_type_0 import StudyFoundResultType0
from .study_list import StudyList
from .study_view import StudyView
from .submit_form import SubmitForm
from .submit_form_env import SubmitFormEnv
from .submitted import Submitted
from .suspend_form import SuspendForm
from .tenant_form import TenantForm
from .tenant_list import TenantList
from .tenant_view import TenantView
from .token_form import TokenForm
from .token_list import TokenList
from .token_view import TokenView
from .verdict_form import VerdictForm
from .webhook_form import WebhookForm
from .webhook_list import WebhookList
from .webhook_view import WebhookView
from .why_view import WhyView
from .why_view_reason_type_0 import WhyViewReasonType0

__all__ = (
    "AccountOfTenant",
    "AccountView",
    "AllStatements",
    "Alternative",
    "AskedList",
    "AskedView",
    "BookView",
    "BudgetForm",
    "BudgetView",
    "BundleResponse200",
    "CensusResponse200",
    "ChargeList",
    "ChargeView",
    "ClosedBy",
    "ClosingForm",
    "ClosingKind",
    "ClosingList",
    "ClosingView",
    "Corrected",
    "CreditForm",
    "CreditView",
    "DataForm",
    "DataFormAt",
    "DataList",
    "DataView",
    "DataViewAt",
    "DisputeForm",
    "DisputeList",
    "DisputeView",
    "EmittedView",
    "HistoryResponse200",
    "HubView",
    "JobList",
    "JobView",
    "JoinForm",
    "LeaseForm",
    "Life",
    "LifeEvent",
    "LimitsForm",
    "LimitsView",
    "LoadHour",
    "LoadView",
    "MadeToken",
    "MeasuredResponse200",
    "MeasurementForm",
    "NodeList",
    "NodeView",
    "NoticeForm",
    "Operations",
    "OutputForm",
    "PoolList",
    "PoolView",
    "PoolViewOutOfService",
    "PoolWhyView",
    "PoolWhyViewReasonType0",
    "PowerView",
    "ReadingForm",
    "Refused",
    "RefusedError",
    "ReportView",
    "ScenarioList",
    "ScenarioView",
    "SignalForm",
    "SignalList",
    "SignalReading",
    "SignalsTaken",
    "SignalView",
    "SignalViewErrors",
    "SignInView",
    "SignInWay",
    "SiteEnergyView",
    "SiteList",
    "SiteView",
    "SiteViewBounds",
    "SmallerView",
    "Statement",
    "StatementLine",
    "StudyBegun",
    "StudyFormType0",
    "StudyFormType0Kind",
    "StudyFormType1",
    "StudyFormType1Kind",
    "StudyFound",
    "StudyFoundRequest",
    "StudyFoundResultType0",
    "StudyList",
    "StudyView",
    "SubmitForm",
    "SubmitFormEnv",
    "Submitted",
    "SuspendForm",
    "TenantForm",
    "TenantList",
    "TenantView",
    "TokenForm",
    "TokenList",
    "TokenView",
    "VerdictForm",
    "WebhookForm",
    "WebhookList",
    "WebhookView",
    "WhyView",
    "WhyViewReasonType0",
)
