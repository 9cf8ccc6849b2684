"""Verdict and cure of each finding in Korean."""

from typing import Final

WORDS: Final[dict[str, str]] = {
    "certain": "확실",
    "likely": "유력",
    "possible": "가능성 있음",
    "title": "진단 결과",
    "cure": "해결책",
    "proof": "시험 결과",
    "evidence": "근거",
    "nothing": "발견된 문제가 없습니다.",
    "proved": (
        "검증용 {rows}행의 {metric}: 적용 전 {before:.3f}, 적용 후 {after:.3f} "
        "(각 {epochs}에포크)."
    ),
}

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "missing_values": (
        "결측값이 {count}개 있습니다(열: {columns}).",
        "결측값을 채우거나, 결측값을 처리하는 TabularClassifier 또는 "
        "TabularRegressor를 사용하세요.",
    ),
    "infinite_values": (
        "무한대 값이 {count}개 있습니다(열: {columns}).",
        "값을 바로잡거나 결측값으로 바꾼 뒤 채우세요.",
    ),
    "float32_overflow": (
        "값이 {largest}까지 커서 float32의 범위를 넘습니다(열: {columns}).",
        "학습하기 전에 float64에서 값의 크기를 조정하세요.",
    ),
    "missing_target": (
        "목표값이 없는 행이 {count}개 있습니다.",
        "해당 행을 제외하세요.",
    ),
    "target_overflow": (
        "목표값이 {largest}까지 커서 그 제곱이 float32의 범위를 넘습니다.",
        "목표값을 최댓값으로 나누고, 출력에는 그 값을 다시 곱하세요.",
    ),
    "nonfinite_weights": (
        "{layer}번 층의 가중치 {count}개가 NaN 또는 무한대여서 출력을 쓸 수 없습니다.",
        "열을 표준화하고 학습률을 낮춘 뒤 새 가중치로 다시 학습하세요.",
    ),
    "constant_target": (
        "{rows}개 행의 목표값이 모두 {value}입니다. 학습할 내용이 없습니다.",
        "다른 목표 열을 고르거나 값이 다른 행을 추가하세요.",
    ),
    "too_few_outputs": (
        "클래스는 {classes}개인데 신경망의 출력은 {outputs}개입니다.",
        "마지막 층의 출력 수를 클래스 수와 같게 하세요.",
    ),
    "output_range": (
        "목표값은 {low}에서 {high} 사이인데, 마지막 층의 활성화 함수 {activation}의 "
        "출력 범위를 벗어난 목표값이 {count}개 있습니다.",
        "마지막 층에서 활성화 함수를 빼거나 목표값의 크기를 조정하세요.",
    ),
    "loss_mismatch": (
        "목표값은 {classes}개의 클래스인데 손실 함수는 수치 예측용인 {given}입니다.",
        "마지막 활성화 함수 {activation}, 손실 함수 {loss}: 이 조합을 사용하세요.",
    ),
    "target_codes": (
        "목표값이 {count}가지 정수({values})뿐이어서 클래스 코드로 보이는데 수치로 "
        "학습하고 있습니다.",
        "코드의 순서와 간격에 의미가 없다면 분류 문제로 학습하세요.",
    ),
    "number_as_class": (
        "{rows}개 행에 클래스가 {classes}가지나 있습니다. 목표값이 수치로 보입니다.",
        "회귀 문제로 학습하세요.",
    ),
    "batch_too_large": (
        "배치 크기({batch_size})가 행 수({rows})보다 커서 한 에포크가 한 번의 "
        "갱신으로 끝납니다.",
        "배치 크기를 {proposed} 정도로 줄이세요.",
    ),
    "leaking_column": (
        "다음 열 하나만으로 목표값이 거의 오차 없이 예측됩니다: {columns}.",
        "목표값보다 먼저 알 수 있는 열이 아니라면 제외하세요(데이터 누출).",
    ),
    "rows_in_both": (
        "검증 데이터 {rows}행 중 {count}행({percent}%)이 학습 데이터에도 똑같이 또는 "
        "거의 똑같이 들어 있습니다.",
        "중복된 행을 제거하거나 그룹 단위로 분할하세요.",
    ),
    "class_missing": (
        "검증 데이터에는 있지만 학습 데이터에는 없는 클래스가 있습니다: {classes}.",
        "클래스별로 층화하여 분할하거나 해당 클래스의 학습 데이터를 추가하세요.",
    ),
    "validation_drift": (
        "검증 데이터의 분포가 학습 데이터와 다릅니다(열: {columns}, 분포 차이 최대 "
        "{distance}).",
        "같은 방법으로 표준화하고, 의도한 차이가 아니라면 무작위로 분할하세요.",
    ),
    "new_rows_drift": (
        "새 데이터가 학습 데이터와 다릅니다(열: {columns}). {rows}행 중 {affected}행이 "
        "학습 데이터의 범위를 벗어납니다.",
        "새 데이터의 단위와 열을 확인하거나 비슷한 데이터로 다시 학습하세요.",
    ),
    "sentinel_value": (
        "{column} 열에 다른 값과 동떨어진 {value} 값이 {count}행 있습니다. 결측값을 "
        "뜻하는 표시로 보입니다.",
        "결측값으로 바꾸세요.",
    ),
    "outlier": (
        "{column} 열의 90%는 {low}에서 {high} 사이인데 {row}번 행의 값은 "
        "{value}입니다.",
        "값을 바로잡거나 열의 범위를 제한하세요.",
    ),
    "offset_column": (
        "표준편차에 비해 평균이 0에서 멉니다(열: {columns}, 최대 표준편차의 "
        "{ratio}배).",
        "각 열에서 평균을 빼고 표준편차로 나누세요.",
    ),
    "unscaled_column": (
        "다음 열의 크기가 다른 열과 크게 다릅니다: {columns} ({largest}, 보통은 "
        "{usual}).",
        "각 열에서 평균을 빼고 표준편차로 나누세요.",
    ),
    "target_outlier": (
        "목표값의 90%는 {low}에서 {high} 사이인데 {row}번 행의 목표값은 {value}입니다.",
        "값을 바로잡거나 제한하고, 또는 이상치에 덜 민감한 손실 함수를 사용하세요.",
    ),
    "target_skewed": (
        "일부 목표값이 다른 값보다 훨씬 커서(최댓값 {largest}, 중앙값 {median}) 손실을 "
        "좌우합니다.",
        "목표값의 로그를 학습하세요.",
    ),
    "target_scale": (
        "목표값의 평균은 {mean}, 표준편차는 {sd}입니다. 신경망은 1 정도 크기의 값을 "
        "잘 학습합니다.",
        "목표값을 표준화하고 출력은 원래 크기로 되돌리세요.",
    ),
    "no_signal": (
        "{rows}개 행에서 어떤 열도 목표값과 관련이 없고, 비슷한 행끼리도 목표값이 "
        "비슷하지 않습니다. 레이블이 뒤섞였거나 예측할 정보가 없습니다.",
        "X와 y의 행이 서로 맞는지 확인하세요.",
    ),
    "contradicting_rows": (
        "입력은 같은데 목표값이 다른 행이 {count}개 있습니다.",
        "어느 목표값이 옳은지 확인하여 고치거나 나머지를 제거하세요.",
    ),
    "identifier_column": (
        "행 번호에 해당하는 열입니다: {columns}. 새 데이터에는 의미가 없습니다.",
        "해당 열을 제외하세요.",
    ),
    "grouped_rows": (
        "같은 그룹의 행은 목표값도 같습니다.",
        "데이터를 나눌 때 같은 그룹의 행을 한쪽에 두세요.",
    ),
    "time_order": (
        "목표값이 시간 또는 행의 순서에 따라 달라집니다.",
        "마지막 행들을 검증 데이터로 사용하세요.",
    ),
    "copied_rows": (
        "다른 행과 똑같은 행이 많습니다.",
        "중복된 행을 제거하거나 분할할 때 한쪽에 두세요.",
    ),
    "linear_network": (
        "은닉층에 활성화 함수가 없어 {layers}개 층이 한 층과 같은 일만 할 수 있습니다.",
        "은닉층에 relu와 같은 활성화 함수를 사용하세요.",
    ),
    "momentum_rate": (
        "모멘텀이 {momentum}이므로 학습률 {rate}의 실제 갱신 폭은 {effective} "
        "수준입니다.",
        "학습률을 {proposed} 정도로 낮추세요.",
    ),
    "dropout_high": (
        "{layer}번 층 다음의 드롭아웃이 값의 {percent}%를 제거합니다.",
        "드롭아웃 비율을 0.1에서 0.5 사이로 낮추세요.",
    ),
    "regularisation_strong": (
        "가중치 감쇠({weight_decay})가 너무 강해 가중치가 커지지 못합니다. 손실은 "
        "{loss}이며, 상수 출력의 손실은 {baseline}입니다.",
        "가중치 감쇠를 {proposed} 정도로 낮추세요.",
    ),
    "bottleneck": (
        "{layer}번 층의 유닛이 {units}개뿐이어서 입력 {inputs}개의 정보가 모두 이 층을 "
        "거쳐야 합니다.",
        "유닛을 {proposed}개 이상으로 늘리세요.",
    ),
    "too_many_weights": (
        "행은 {rows}개인데 신경망의 가중치는 {weights}개입니다.",
        "유닛 수를 줄이거나 검증 데이터로 조기 종료하세요.",
    ),
    "rate_too_high": (
        "학습률({rate})이 너무 높습니다. 후반부 에포크의 {percent}%에서 손실이 "
        "증가했고 마지막 손실은 {loss}입니다.",
        "학습률을 {proposed} 정도로 낮추세요.",
    ),
    "diverged": (
        "{epoch}번째 에포크에서 학습이 발산했습니다(손실: {loss}).",
        "학습률을 {proposed} 정도로 낮추고 기울기를 제한하며, X와 y를 표준화하세요.",
    ),
    "symmetric_units": (
        "{layer}번 층의 유닛 {units}개 중 {count}개의 가중치가 같아 똑같은 것만 "
        "계산하고 학습합니다.",
        "가중치를 무작위로 초기화하세요.",
    ),
    "dead_units": (
        "{layer}번 층의 유닛 {units}개 중 {count}개가 모든 행에서 0이어서 더 이상 "
        "학습하지 못합니다.",
        "학습률을 낮추거나 leaky_relu를 사용하여 다시 학습하세요.",
    ),
    "saturated_units": (
        "{layer}번 층({activation})의 값 중 {percent}%가 활성화 함수의 포화 구간에 "
        "있습니다.",
        "열을 표준화하거나 초기 가중치를 줄이고, 또는 relu를 사용하세요.",
    ),
    "exploding_gradient": (
        "{layer}번 층의 기울기가 마지막 층의 {ratio}배로 폭주합니다.",
        "초기 가중치나 층 수를 줄이고, 또는 기울기를 제한하세요.",
    ),
    "vanishing_gradient": (
        "{layer}번 층의 기울기가 마지막 층의 {ratio}배에 불과하여 앞쪽 층이 거의 "
        "학습하지 못합니다(기울기 소실).",
        "{activation} 대신 relu를 사용하거나 층 수를 줄이세요.",
    ),
    "not_separable": (
        "은닉층이 없는데 클래스는 직선이나 평면으로 나뉘지 않습니다(정확도 {score}, "
        "비슷한 행으로 예측하면 {neighbours}).",
        "은닉층을 추가하세요.",
    ),
    "more_units_help": (
        "신경망이 너무 작습니다. 유닛이 {units}개인 은닉층을 쓰면 검증 데이터의 "
        "{metric} 값이 {score}에서 {larger}까지 줄어듭니다.",
        "유닛 수를 늘리세요.",
    ),
    "network_too_small": (
        "신경망이 너무 작습니다. 학습 데이터의 점수가 {score}인데, 비슷한 행만으로 "
        "예측해도 {neighbours}입니다.",
        "유닛 수를 늘리세요.",
    ),
    "rate_vanished": (
        "스케줄이 {epoch}번째 에포크까지 학습률을 {first}에서 {last}까지 낮추어 그 "
        "뒤에는 학습이 진행되지 않습니다.",
        "스케줄을 쓰지 않거나 더 늦게 끝나는 스케줄을 사용하세요.",
    ),
    "clipped": (
        "기울기가 평소 크기({usual})보다 훨씬 작은 {clip_norm} 이하로 제한되어 "
        "갱신 폭이 너무 작습니다.",
        "clip_norm을 {proposed} 정도로 높이세요.",
    ),
    "rate_too_low": (
        "학습률({rate})이 너무 낮습니다. {epochs}에포크 동안 손실이 {first}에서 "
        "{last}까지만 줄었습니다.",
        "학습률을 {proposed} 정도로 높이세요.",
    ),
    "stopped_early": (
        "학습이 너무 일찍 끝났습니다. {epoch}번째 에포크에서도 손실이 줄고 있었습니다"
        "(마지막 10분의 1 구간에서 {percent}% 감소).",
        "{proposed}에포크까지 학습하세요.",
    ),
    "overfitting": (
        "{epoch}번째 에포크부터 과적합입니다. 이후 학습 손실은 {training}까지 "
        "줄었지만 검증 손실은 {best}에서 {last}까지 늘었습니다.",
        "조기 종료하거나 유닛 수를 줄이고, 또는 드롭아웃이나 가중치 감쇠를 추가하세요.",
    ),
    "label_noise": (
        "레이블의 약 {percent}%가 잘못된 것으로 보입니다. 비슷한 행들은 다른 "
        "클래스에 속합니다.",
        "제시된 행부터 레이블을 확인하세요.",
    ),
    "inverted_labels": (
        "검증 데이터의 정확도는 {score}인데 클래스의 순서를 바꾸면 {renamed}입니다"
        "(학습 데이터에서는 {training}).",
        "두 데이터가 같은 클래스 코드를 쓰는지 확인하세요.",
    ),
    "class_never_predicted": (
        "한 번도 예측되지 않는 클래스가 있습니다: {classes} (해당 행 {count}개).",
        "클래스에 가중치를 주거나 해당 클래스의 데이터를 추가하세요.",
    ),
    "overconfident": (
        "확률이 지나치게 극단적입니다. 검증용 {rows}행에서 평균 확률은 {confidence}"
        "인데 정확도는 {accuracy}입니다.",
        "더 일찍 종료하거나 로짓을 온도 {temperature}로 나누세요.",
    ),
    "gradient_spike": (
        "{epoch}번째 에포크에서 기울기가 평소의 {ratio}배로 커졌습니다.",
        "기울기를 제한하고 X와 y의 이상치를 확인하세요.",
    ),
    "rare_class": (
        "행이 {count}개 이하인 클래스가 있습니다: {classes}.",
        "해당 클래스의 데이터를 추가하거나 다른 클래스와 합치세요.",
    ),
    "imbalanced_classes": (
        "전체 행의 {percent}%가 {value} 클래스입니다. 항상 이 클래스로 예측해도 "
        "정확도가 그만큼 나옵니다.",
        "클래스에 가중치를 주고 정확도 외의 지표도 확인하세요.",
    ),
    "small_validation": (
        "검증 데이터가 {rows}행뿐이어서 신경망을 비교하기 어렵습니다(정확도의 오차 "
        "약 {error}).",
        "교차 검증을 하거나 검증 데이터를 늘리세요.",
    ),
    "duplicate_column": (
        "다른 열({originals})과 똑같은 열이 있습니다: {columns}.",
        "해당 열을 제외하세요.",
    ),
    "redundant_column": (
        "다른 열({originals})을 다른 단위로 나타낸 열이 있습니다: {columns}.",
        "해당 열을 제외하세요.",
    ),
    "constant_column": (
        "모든 행에서 값이 같은 열이 있습니다: {columns}.",
        "해당 열을 제외하세요.",
    ),
    "unit_can_go": (
        "{layer}번 층의 유닛 {units}개 중 {count}개는 출력에 영향을 주지 않습니다.",
        "이 층은 유닛 {proposed}개로 충분합니다.",
    ),
    "not_learning": (
        "신경망이 아무것도 학습하지 못했습니다. 손실은 {loss}이며, 상수 출력의 손실은 "
        "{baseline}입니다.",
        "값의 크기, 학습률, 목표값을 확인하고 작은 신경망으로 시작하세요.",
    ),
}
